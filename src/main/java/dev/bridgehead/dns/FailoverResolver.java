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
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;

/**
 * Asks one server after the other. dnsjava's {@code ExtendedResolver} takes SERVFAIL for an answer
 * and lets one silent server use up the whole time; here each server has its own few seconds, and
 * SERVFAIL, REFUSED and NOTIMP go to the next one. A server that was silent is asked last from then
 * on.
 */
final class FailoverResolver implements org.xbill.DNS.Resolver {
  /** Each server is asked this often: UDP loses packets. */
  static final int ROUNDS = 2;

  private final List<SimpleResolver> servers;
  private final AtomicInteger first = new AtomicInteger();

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
  private void ask(Asking asking, int turn, @Nullable String refusal) {
    int index = Math.floorMod(asking.start() + turn, servers.size());
    SimpleResolver server = servers.get(index);
    var unused =
        server
            .sendAsync(asking.query(), asking.executor())
            .whenComplete(
                (response, thrown) -> {
                  if (response != null && !failure(response.getRcode())) {
                    asking.answer().complete(response);
                    return;
                  }
                  if (thrown != null) {
                    first.compareAndSet(index, (index + 1) % servers.size());
                  }
                  String last =
                      response == null
                          ? refusal
                          : address(server) + " answered " + Rcode.string(response.getRcode());
                  // A server that answered, if only with a failure, is not asked again.
                  if (turn + 1 < (last == null ? ROUNDS : 1) * servers.size()) {
                    ask(asking, turn + 1, last);
                  } else {
                    String why = last == null ? silence() : last;
                    asking.answer().completeExceptionally(new IOException(why));
                  }
                });
  }

  private static boolean failure(int rcode) {
    return rcode == Rcode.SERVFAIL || rcode == Rcode.REFUSED || rcode == Rcode.NOTIMP;
  }

  private String silence() {
    return "no answer from "
        + servers.stream()
            .map(FailoverResolver::address)
            .distinct()
            .collect(Collectors.joining(", "));
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
