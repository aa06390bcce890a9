package dev.bridgehead.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.WireParseException;

/**
 * Asks one server after the other. dnsjava's {@code ExtendedResolver} takes SERVFAIL for an answer
 * and lets one silent server use up the whole time; here each server has its own few seconds, and
 * whatever is neither NOERROR nor NXDOMAIN goes to the next one. A server that was silent is asked
 * last from then on.
 */
final class FailoverResolver implements org.xbill.DNS.Resolver {
  /** Each server is asked this often: UDP loses packets. */
  static final int ROUNDS = 2;

  private final List<SimpleResolver> servers;
  private final AtomicInteger first = new AtomicInteger();

  /** No server answered; the message says what each of them did instead. */
  static final class NoAnswer extends IOException {
    private static final long serialVersionUID = 1;

    private final @Nullable String bogus;

    private NoAnswer(String text, @Nullable String bogus) {
      super(text);
      this.bogus = bogus;
    }

    /** What a validating server found wrong (RFC 8914), null where that is not why. */
    @Nullable String bogus() {
      return bogus;
    }
  }

  FailoverResolver(List<InetSocketAddress> servers, Duration serverTimeout) {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("no name server");
    }
    this.servers = servers.stream().map(SimpleResolver::new).toList();
    this.servers.forEach(server -> server.setTimeout(serverTimeout));
  }

  @Override
  public CompletionStage<Message> sendAsync(Message query) {
    return sendAsync(query, Runnable::run);
  }

  @Override
  public CompletionStage<Message> sendAsync(Message query, Executor executor) {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    ask(new Asking(query, executor, answer, first.get()), 0, null);
    return answer;
  }

  private record Asking(
      Message query, Executor executor, CompletableFuture<Message> answer, int start) {}

  /**
   * @param refusal what a server answered before, null where all were silent so far
   */
  private void ask(Asking asking, int turn, @Nullable NoAnswer refusal) {
    int index = Math.floorMod(asking.start() + turn, servers.size());
    SimpleResolver server = servers.get(index);
    var unused =
        server
            .sendAsync(asking.query(), asking.executor())
            .whenComplete(
                (response, thrown) -> {
                  if (response != null && answers(response.getRcode())) {
                    asking.answer().complete(response);
                    return;
                  }
                  if (thrown != null) {
                    first.compareAndSet(index, (index + 1) % servers.size());
                  }
                  NoAnswer last = refusal(server, response, thrown, refusal);
                  // A server that answered, if only with a failure, is not asked again.
                  if (turn + 1 < (last == null ? ROUNDS : 1) * servers.size()) {
                    ask(asking, turn + 1, last);
                  } else {
                    asking.answer().completeExceptionally(last == null ? silence() : last);
                  }
                });
  }

  private static boolean answers(int rcode) {
    return rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN;
  }

  private static @Nullable NoAnswer refusal(
      SimpleResolver server,
      @Nullable Message response,
      @Nullable Throwable thrown,
      @Nullable NoAnswer before) {
    if (response != null) {
      String bogus = bogus(response);
      return new NoAnswer(
          address(server)
              + " answered "
              + Rcode.string(response.getRcode())
              + (bogus == null ? "" : " (" + bogus + ")"),
          bogus);
    }
    return thrown != null && LookupFailure.cause(thrown) instanceof WireParseException
        ? new NoAnswer(address(server) + " sent a broken reply", null)
        : before;
  }

  /** RFC 8914 §4: the codes that say that a validation failed. */
  static @Nullable String bogus(Message response) {
    OPTRecord opt = response.getOPT();
    if (opt == null) {
      return null;
    }
    for (EDNSOption option : opt.getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR)) {
      if (option instanceof ExtendedErrorCodeOption error
          && error.getErrorCode() >= ExtendedErrorCodeOption.DNSSEC_INDETERMINATE
          && error.getErrorCode() <= ExtendedErrorCodeOption.NSEC_MISSING) {
        return ExtendedErrorCodeOption.text(error.getErrorCode());
      }
    }
    return null;
  }

  private NoAnswer silence() {
    return new NoAnswer(
        "no answer from "
            + servers.stream()
                .map(FailoverResolver::address)
                .distinct()
                .collect(Collectors.joining(", ")),
        null);
  }

  private static String address(SimpleResolver server) {
    return server.getAddress().getAddress().getHostAddress();
  }

  @Override
  public void setPort(int port) {
    throw new UnsupportedOperationException("the servers have their ports");
  }

  @Override
  public void setTCP(boolean flag) {
    servers.forEach(server -> server.setTCP(flag));
  }

  @Override
  public void setIgnoreTruncation(boolean flag) {
    servers.forEach(server -> server.setIgnoreTruncation(flag));
  }

  @Override
  public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {
    servers.forEach(server -> server.setEDNS(version, payloadSize, flags, options));
  }

  @Override
  public void setTSIGKey(TSIG key) {
    servers.forEach(server -> server.setTSIGKey(key));
  }

  @Override
  public void setTimeout(Duration timeout) {
    servers.forEach(server -> server.setTimeout(timeout));
  }
}
