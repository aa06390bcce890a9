package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Reply;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;

/**
 * A connection's octets: commands out, replies in, and the clock over both. A socket has no
 * time-out for writing, so a guard closes it when the time is up. Used by one thread; {@link
 * #close} by any.
 */
final class Wire implements Closeable {
  /** One thread for the deadlines of all connections: it only closes sockets. */
  private static final ScheduledThreadPoolExecutor GUARDS = guards();

  private final Socket raw;
  private final Transcript transcript;
  private Socket current;
  private OutputStream out;
  private ReplyReader replies;
  private volatile boolean expired;

  private Wire(Socket raw, Transcript transcript) throws IOException {
    this.raw = raw;
    this.transcript = transcript;
    this.current = raw;
    this.out = raw.getOutputStream();
    this.replies = new ReplyReader(this::fill);
  }

  private static ScheduledThreadPoolExecutor guards() {
    ScheduledThreadPoolExecutor guards =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("delivery-deadlines").factory());
    guards.setRemoveOnCancelPolicy(true);
    return guards;
  }

  /**
   * @param socket not connected yet; closing it breaks off what is under way
   */
  static Wire connect(
      Socket socket, InetSocketAddress address, Duration timeout, Transcript transcript)
      throws IOException {
    try {
      // Commands are written in groups already; waiting for more would cost a round trip each.
      socket.setTcpNoDelay(true);
      socket.connect(address, Math.toIntExact(timeout.toMillis()));
      return new Wire(socket, transcript);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** The socket as connected, below any TLS. */
  Socket raw() {
    return raw;
  }

  /** Goes on inside TLS; nothing of what was read before survives. */
  void upgrade(SSLSocket tls) throws IOException {
    current = tls;
    out = tls.getOutputStream();
    replies = new ReplyReader(this::fill);
  }

  /** Whether the peer sent more than it was asked for. */
  boolean hasLeftovers() throws IOException {
    return replies.hasLeftovers() || current.getInputStream().available() > 0;
  }

  /** Sends commands in one go. */
  void send(Duration timeout, Iterable<Command> commands) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Command command : commands) {
      transcript.sent(command.shown());
      text.append(command.line()).append("\r\n");
    }
    byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
    write(timeout, octets, octets.length);
  }

  /** Sends octets; the peer may take that long for them. */
  void write(Duration timeout, byte[] octets, int length) throws IOException {
    try (Guard _ = guard(timeout)) {
      out.write(octets, 0, length);
      out.flush();
    } catch (IOException e) {
      throw expired ? timedOut(e) : e;
    }
  }

  Reply read(Duration timeout) throws IOException {
    try {
      Reply reply = replies.read(timeout);
      transcript.received(reply);
      return reply;
    } catch (IOException e) {
      throw expired && !(e instanceof SocketTimeoutException) ? timedOut(e) : e;
    }
  }

  private static SocketTimeoutException timedOut(IOException cause) {
    SocketTimeoutException timeout = new SocketTimeoutException("the time was up");
    timeout.initCause(cause);
    return timeout;
  }

  /** Closes the connection when the time is up, unless the guard is closed before. */
  Guard guard(Duration timeout) {
    ScheduledFuture<?> closing =
        GUARDS.schedule(
            () -> {
              expired = true;
              close();
            },
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
    return () -> closing.cancel(false);
  }

  /** A deadline that runs until it is closed. */
  interface Guard extends AutoCloseable {
    @Override
    void close();
  }

  private int fill(byte[] into, int milliseconds) throws IOException {
    current.setSoTimeout(milliseconds);
    return current.getInputStream().read(into);
  }

  /** Closes the socket below TLS: TLS's own close may wait for a peer that doesn't read. */
  @Override
  public void close() {
    try {
      raw.close();
    } catch (IOException e) {
      transcript.noted("closing failed: " + e.getMessage());
    }
  }
}
