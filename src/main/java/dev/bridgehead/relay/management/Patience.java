package dev.bridgehead.relay.management;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * How long is waited for who asks: Helidon itself waits for ever for the rest of a request, and for
 * an answer to be taken. A connection whose time is over is closed. Each connection is one thread
 * of Helidon's, which enters here; another one closes.
 */
final class Patience implements Http1ConnectionListener, Filter, AutoCloseable {
  /** For the fields of a request, and for an answer and what of a body comes before it. */
  private static final Duration USUAL = Duration.ofSeconds(15);

  /** Octets a second that the body of a request which may be a large one comes in at least. */
  private static final long SLOWEST = 128 << 10;

  private final Duration usual;
  private final String largePath;
  private final Map<Thread, Due> waiting = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("management-patience").factory());

  private record Due(HelidonSocket socket, String path, long at) {}

  /**
   * @param largePath begins the paths of requests that may have a large body
   */
  Patience(String largePath) {
    this(largePath, USUAL);
  }

  Patience(String largePath, Duration usual) {
    this.usual = usual;
    this.largePath = largePath;
    long period = usual.toMillis() / 10;
    timer.scheduleWithFixedDelay(this::closeLate, period, period, TimeUnit.MILLISECONDS);
  }

  @Override
  public void prologue(ConnectionContext connection, HttpPrologue prologue) {
    await(connection.serverSocket(), prologue.uriPath().rawPath(), usual);
  }

  @Override
  public void headers(ConnectionContext connection, Headers fields) {
    Due due = waiting.get(Thread.currentThread());
    if (due != null) {
      await(due.socket, due.path, usual.plus(body(due.path, fields)));
    }
  }

  private Duration body(String path, Headers fields) {
    try {
      return path.startsWith(largePath)
          ? Duration.ofSeconds(fields.contentLength().orElse(0) / SLOWEST)
          : Duration.ZERO;
    } catch (IllegalArgumentException e) { // it is none: Helidon refuses it
      return Duration.ZERO;
    }
  }

  private void await(HelidonSocket socket, String path, Duration most) {
    long nanos = most.compareTo(Duration.ofDays(1)) < 0 ? most.toNanos() : Long.MAX_VALUE / 2;
    waiting.put(Thread.currentThread(), new Due(socket, path, System.nanoTime() + nanos));
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    try {
      chain.proceed();
    } finally {
      lift();
    }
  }

  /** Who asks now is waited for as long as it takes. */
  void lift() {
    waiting.remove(Thread.currentThread());
  }

  private void closeLate() {
    long now = System.nanoTime();
    waiting.forEach(
        (thread, due) -> {
          if (now - due.at >= 0 && waiting.remove(thread, due)) {
            close(due.socket);
          }
        });
  }

  private static void close(HelidonSocket socket) {
    try {
      socket.close();
    } catch (UncheckedIOException e) {
      // It was closed already.
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
