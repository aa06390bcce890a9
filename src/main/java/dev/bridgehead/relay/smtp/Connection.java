package dev.bridgehead.relay.smtp;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: its input and our replies, in the clear until {@link #secure}, inside TLS
 * from then on. Used by the session's thread; {@link #cut}, {@link #expire} and {@link
 * #stalledSince} by any.
 */
final class Connection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** After a last reply, what still comes is read for so long: a reset would destroy the reply. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private static final int LINGER_OCTETS = 256 * 1024;

  /** Nothing is under way that must end. */
  private static final long NO_DEADLINE = Long.MAX_VALUE;

  private final Socket socket;
  private final ReplyWriter replies;
  private final ClientInput input;
  private @Nullable TlsTunnel tunnel;
  private volatile long cutAt = NO_DEADLINE;
  private volatile boolean expired;

  /**
   * @param wake see {@link ClientInput}
   */
  Connection(Socket socket, Runnable wake) throws IOException {
    this.socket = socket;
    this.replies = new ReplyWriter(socket.getOutputStream());
    this.input = new ClientInput(socket.getInputStream(), replies, wake);
  }

  ClientInput input() {
    return input;
  }

  ReplyWriter replies() {
    return replies;
  }

  /** Whether the client sent something that nobody has looked at yet. */
  boolean hasInput() throws IOException {
    return input.buffered() || socket.getInputStream().available() > 0;
  }

  /**
   * Goes on inside TLS; nothing that was read before survives (RFC 3207 section 4.2).
   *
   * @param within for the whole handshake: then the connection is cut
   * @return null where the client went away without a word
   * @throws SocketTimeoutException where it was
   * @throws IOException where the handshake failed; the connection is good for {@link #linger} only
   */
  Client.@Nullable Tls secure(SSLEngine engine, Duration within) throws IOException {
    replies.flush();
    TlsTunnel opened = new TlsTunnel(engine, socket.getInputStream(), socket.getOutputStream());
    tunnel = opened;
    cutAfter(within);
    try {
      if (!opened.handshake()) {
        tunnel = null;
        return null;
      }
    } catch (IOException failed) {
      if (!expired) {
        throw failed;
      }
      SocketTimeoutException late =
          new SocketTimeoutException("not finished within " + within.toSeconds() + " s");
      late.initCause(failed);
      throw late;
    } finally {
      cutAt = NO_DEADLINE;
    }
    input.goOnWith(opened.in());
    replies.goOnWith(opened.out());
    return new Client.Tls(opened.protocol(), opened.cipherSuite());
  }

  /**
   * Ends our side, and waits a little for the client to end its own.
   *
   * @param quit the client said QUIT
   */
  void linger(boolean quit) throws IOException {
    replies.flush();
    if (tunnel != null) {
      cutAfter(LINGER); // the client may take nothing any more
      tunnel.sayGoodbye();
      cutAt = NO_DEADLINE;
      input.goOnWith(socket.getInputStream());
    } else if (quit && !input.buffered()) {
      return; // who said QUIT sends no more: nothing can reset the reply
    }
    socket.shutdownOutput();
    try {
      input.drain(LINGER, LINGER_OCTETS);
    } catch (SocketTimeoutException enough) {
      LOG.trace("client keeps its side open");
    }
  }

  /** What both reads and writes can't be ended but by closing the socket. */
  private void cutAfter(Duration wait) {
    cutAt = System.nanoTime() + wait.toNanos();
  }

  /** Ends a wait that is over: see {@link ClientInput#expire}, and {@link #secure}. */
  void expire(long now) {
    long due = cutAt;
    if (due != NO_DEADLINE && due - now < 0) {
      expired = true;
      cut();
    }
    input.expire(now);
  }

  /** See {@link ReplyWriter#stalledSince}. */
  long stalledSince() {
    return replies.stalledSince();
  }

  /** Closes the socket under the session's thread, where that hangs in a write. */
  void cut() {
    try {
      socket.close();
    } catch (IOException failure) {
      LOG.debug("cannot close a connection", failure);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
