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
import java.util.List;
import javax.net.ssl.SSLSocket;

/**
 * A connection's octets: commands out, replies in, and the clock over both. A socket has no
 * time-out for writing, so whatever takes too long is ended by closing it. Used by one thread at a
 * time; {@link #close} and {@link #endIfDue} by any.
 */
final class Wire implements Closeable, Deadlines.Timed {
  /** The reply that goes on with AUTH (RFC 4954 §4). */
  static final int CHALLENGE = 334;

  private static final long NEVER = Long.MAX_VALUE;

  private final Socket raw;
  private Transcript transcript;
  private Socket current;
  private OutputStream out;
  private ReplyReader replies;

  /** Of the whole that the step under way is part of. */
  private long guarded = NEVER;

  private volatile long deadline = NEVER;
  private volatile boolean expired;

  private Wire(Socket raw, Transcript transcript) throws IOException {
    this.raw = raw;
    this.transcript = transcript;
    this.current = raw;
    this.out = raw.getOutputStream();
    this.replies = new ReplyReader(raw.getInputStream()::read);
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
      Wire wire = new Wire(socket, transcript);
      Deadlines.SHARED.add(wire);
      return wire;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** From now on another is told. */
  void transcript(Transcript next) {
    transcript = next;
  }

  /** The socket as connected, below any TLS. */
  Socket raw() {
    return raw;
  }

  /** Goes on inside TLS; nothing of what was read before survives. */
  void upgrade(SSLSocket tls) throws IOException {
    current = tls;
    out = tls.getOutputStream();
    replies = new ReplyReader(tls.getInputStream()::read);
  }

  /** Whether the peer sent more than it was asked for. */
  boolean hasLeftovers() throws IOException {
    return replies.hasLeftovers() || current.getInputStream().available() > 0;
  }

  /**
   * Before anything is said, all that was asked has been answered, and no more: else its replies
   * would be taken for those to come, down to the one that counts.
   */
  void requireInStep() throws ProtocolFault {
    if (replies.hasLeftovers()) {
      throw new ProtocolFault("a reply to nothing that was asked");
    }
  }

  /** Sends commands in one go. */
  void send(Duration timeout, List<Command> commands) throws IOException {
    requireInStep();
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
    begin(timeout);
    try {
      out.write(octets, 0, length);
      out.flush();
    } catch (IOException e) {
      throw expired ? timedOut(e) : e;
    } finally {
      deadline = guarded;
    }
  }

  Reply read(Duration timeout) throws IOException {
    begin(timeout);
    try {
      Reply reply = replies.read(timeout);
      transcript.received(shown(reply));
      return reply;
    } catch (IOException e) {
      throw expired && !(e instanceof SocketTimeoutException) ? timedOut(e) : e;
    } finally {
      deadline = guarded;
    }
  }

  /** With what a server proves by SCRAM, passwords can be tried out at leisure. */
  private static Reply shown(Reply reply) {
    return reply.code() == CHALLENGE ? new Reply(CHALLENGE, null, List.of("***")) : reply;
  }

  private void begin(Duration timeout) {
    deadline = Math.min(guarded, Deadlines.now() + timeout.toNanos());
  }

  private static SocketTimeoutException timedOut(IOException cause) {
    SocketTimeoutException timeout = new SocketTimeoutException("the time was up");
    timeout.initCause(cause);
    return timeout;
  }

  /** Closes the connection when the time is up, unless the guard is closed before. */
  Guard guard(Duration timeout) {
    long before = guarded;
    guarded = Math.min(before, Deadlines.now() + timeout.toNanos());
    deadline = guarded;
    return () -> {
      guarded = before;
      deadline = before;
    };
  }

  /** A deadline that runs until it is closed. */
  interface Guard extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public void endIfDue(long now) {
    if (now >= deadline) {
      expired = true;
      close();
    }
  }

  /** Closes the socket below TLS: TLS's own close may wait for a peer that doesn't read. */
  @Override
  public void close() {
    Deadlines.SHARED.remove(this);
    try {
      raw.close();
    } catch (IOException e) {
      transcript.noted("closing failed: " + e.getMessage());
    }
  }
}
