package dev.bridgehead.dns;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;

/**
 * Below a validator: what nobody answered becomes a SERVFAIL. dnsjava's validator takes a denial
 * whose keys it could not ask for as "unchecked" when the question ends in an exception, which is a
 * way round DNSSEC for whoever can make packets vanish; of a SERVFAIL it makes "bogus".
 */
final class ObservedResolver implements org.xbill.DNS.Resolver {
  private final org.xbill.DNS.Resolver next;
  private final AtomicLong failures = new AtomicLong();
  private volatile String lastFailure = "";

  ObservedResolver(org.xbill.DNS.Resolver next) {
    this.next = next;
  }

  /** How many questions nobody answered so far. */
  long failures() {
    return failures.get();
  }

  String lastFailure() {
    return lastFailure;
  }

  @Override
  public CompletionStage<Message> sendAsync(Message query) {
    return sendAsync(query, Runnable::run);
  }

  @Override
  public CompletionStage<Message> sendAsync(Message query, Executor executor) {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    var unused =
        next.sendAsync(query, executor)
            .whenComplete(
                (response, thrown) ->
                    answer.complete(response == null ? failed(query, thrown) : response));
    return answer;
  }

  private Message failed(Message query, Throwable thrown) {
    lastFailure = String.valueOf(LookupFailure.cause(thrown).getMessage());
    failures.incrementAndGet();
    Message failure = new Message(query.getHeader().getID());
    failure.getHeader().setFlag(Flags.QR);
    failure.getHeader().setRcode(Rcode.SERVFAIL);
    failure.addRecord(query.getQuestion(), Section.QUESTION);
    return failure;
  }

  @Override
  public void setPort(int port) {
    next.setPort(port);
  }

  @Override
  public void setTCP(boolean flag) {
    next.setTCP(flag);
  }

  @Override
  public void setIgnoreTruncation(boolean flag) {
    next.setIgnoreTruncation(flag);
  }

  @Override
  public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {
    next.setEDNS(version, payloadSize, flags, options);
  }

  @Override
  public void setTSIGKey(TSIG key) {
    next.setTSIGKey(key);
  }

  @Override
  public void setTimeout(Duration timeout) {
    next.setTimeout(timeout);
  }
}
