package dev.bridgehead.relay.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;

/**
 * What a client sends: command lines of a bounded length, and message data in blocks, from one
 * buffer, so that nothing pipelined is lost between them. Small while the session is idle; data
 * gets a block of its own for as long as a message takes. Used by the session's thread; {@link
 * #expire} by any.
 *
 * <p>A read has no time-out of its own: a timed read of a virtual thread costs a timer and its
 * cancellation, several times a message. What is waited for has a deadline, and the server's watch
 * looks at it every now and then.
 */
final class ClientInput {
  /**
   * Octets of a command line with its CRLF: 512 (RFC 5321 section 4.5.3.1.4) and what extensions
   * add, of which AUTH needs the most (RFC 4954 section 4).
   */
  static final int MAX_LINE = 12_288;

  private static final int IDLE_BUFFER = 512;
  private static final int DATA_BUFFER = 8 * 1024;
  private static final int BIG_DATA_BUFFER = 32 * 1024;

  private static final Duration UNBOUNDED = Duration.ofNanos(Long.MAX_VALUE);

  /** How long a bare LF waits for the CRLF that ends its line, where nothing follows. */
  private static final Duration BARE_LF_WAIT = Duration.ofSeconds(5);

  /** What a command line came to. */
  sealed interface Line {
    /** A line without its CRLF, free of CR and LF. */
    record Text(byte[] octets) implements Line {}

    /** More than {@link #MAX_LINE}; all of it has been read. */
    record TooLong() implements Line {}

    /**
     * A bare CR or LF before the CRLF that ended the line; all of it has been read.
     *
     * @param unfinished no CRLF came
     */
    record BareEnding(boolean unfinished) implements Line {}

    /** The client closed its side; an unfinished line before it is dropped. */
    record End() implements Line {}
  }

  /** Nothing is waited for. */
  private static final long NO_DEADLINE = Long.MAX_VALUE;

  private final Runnable wake;
  private InputStream in;
  private final ReplyWriter replies;
  private byte[] buffer = new byte[IDLE_BUFFER];
  private int position;
  private int limit;
  private volatile long deadline = NO_DEADLINE;
  private volatile boolean expired;

  /**
   * @param wake lets a read that waits return the end of the connection; called by the thread of
   *     {@link #expire}
   */
  ClientInput(InputStream in, ReplyWriter replies, Runnable wake) {
    this.wake = wake;
    this.in = in;
    this.replies = replies;
  }

  /**
   * Ends a wait that is over: the session's thread gets a {@link SocketTimeoutException}.
   *
   * @param now {@link System#nanoTime}
   */
  void expire(long now) {
    long due = deadline;
    if (due != NO_DEADLINE && due - now < 0) {
      expired = true;
      wake.run();
    }
  }

  /** Reads from another stream from now on; drops what is here and nobody has looked at. */
  void goOnWith(InputStream next) {
    in = next;
    position = 0;
    limit = 0;
  }

  /** Whether octets are here that nobody has looked at yet. */
  boolean buffered() {
    return position < limit;
  }

  /**
   * Reads a line up to its CRLF. A bare CR or LF is no end (RFC 5321 section 2.3.8): what follows
   * it belongs to the same, refused, line and is never run as a command.
   *
   * @throws SocketTimeoutException where the whole line did not come in time
   */
  Line readLine(Duration timeout) throws IOException {
    long latest = System.nanoTime() + timeout.toNanos();
    LineScan scan = new LineScan();
    int scanned = position;
    while (true) {
      for (; scanned < limit; scanned++) {
        if (scan.endsWith(buffer[scanned])) {
          Line line = scan.line(buffer, position, scanned + 1);
          position = scanned + 1;
          return line;
        }
      }
      if (scan.length >= MAX_LINE) { // keep nothing of what is refused
        position = limit;
      }
      if (scan.bareLf) {
        latest = Math.min(latest, System.nanoTime() + BARE_LF_WAIT.toNanos());
      }
      scanned -= position;
      try {
        if (!fill(latest, UNBOUNDED, MAX_LINE)) {
          return new Line.End();
        }
      } catch (SocketTimeoutException late) {
        if (scan.bareLf) {
          return new Line.BareEnding(true);
        }
        throw late;
      }
      scanned += position;
    }
  }

  private static final class LineScan {
    private int length;
    private boolean bare;
    private boolean bareLf;
    private boolean afterCr;

    /** Takes the next octet; true where it completes a CRLF. */
    boolean endsWith(byte octet) {
      length++;
      if (octet == '\n' && afterCr) {
        return true;
      }
      bare |= afterCr || octet == '\n';
      bareLf |= octet == '\n';
      afterCr = octet == '\r';
      return false;
    }

    Line line(byte[] buffer, int from, int to) {
      if (length > MAX_LINE) {
        return new Line.TooLong();
      }
      return bare
          ? new Line.BareEnding(false)
          : new Line.Text(Arrays.copyOfRange(buffer, from, to - 2));
    }
  }

  /**
   * Reads message data up to its end.
   *
   * @param most octets of content after which nothing more is read
   * @return false where there was more than that, and the end is still to come
   * @throws EOFException where the connection ended before
   * @throws SocketTimeoutException where it stalled, or took too long for its size
   */
  boolean readData(DataDecoder decoder, OctetSink sink, SessionLimits limits, long most)
      throws IOException {
    long start = System.nanoTime();
    while (!decoder.ended() && decoder.findings().size() <= most) {
      if (!buffered()) {
        fillWithData(limits, start, decoder.findings().size());
      }
      position = decoder.decode(buffer, position, limit, sink);
    }
    return decoder.ended();
  }

  /**
   * Reads so many octets, whatever they are.
   *
   * @param start {@link System#nanoTime} at the beginning of the message
   * @param before octets of the message that came before
   * @throws IOException as {@link #readData}
   */
  void readChunk(long octets, OctetSink sink, SessionLimits limits, long start, long before)
      throws IOException {
    long left = octets;
    while (left > 0) {
      if (!buffered()) {
        fillWithData(limits, start, before + octets - left);
      }
      int part = (int) Math.min(left, limit - position);
      sink.write(buffer, position, part);
      position += part;
      left -= part;
    }
  }

  private void fillWithData(SessionLimits limits, long start, long received) throws IOException {
    Duration earned = Duration.ofSeconds(received / SessionLimits.MIN_OCTETS_PER_SECOND);
    long latest = start + limits.data().plus(earned).toNanos();
    if (!fill(latest, limits.block(), DATA_BUFFER)) {
      throw new EOFException("the connection ended within a message");
    }
  }

  /** Reads and drops what still comes, for a short time: see {@link SmtpSession}. */
  void drain(Duration atMost, int octets) throws IOException {
    long latest = System.nanoTime() + atMost.toNanos();
    int dropped = 0;
    while (dropped < octets) {
      position = 0;
      limit = 0;
      if (!fill(latest, atMost, DATA_BUFFER)) {
        return;
      }
      dropped += limit;
    }
  }

  /**
   * Waits for more octets; what is not looked at yet stays, from {@link #position} on.
   *
   * @return false at the end of the connection
   */
  private boolean fill(long latest, Duration longest, int room) throws IOException {
    replies.flush();
    boolean full = limit == buffer.length;
    compact();
    if (room == DATA_BUFFER) {
      boolean more = full && buffer.length >= DATA_BUFFER || buffer.length == BIG_DATA_BUFFER;
      resize(more ? BIG_DATA_BUFFER : DATA_BUFFER);
    } else if (limit == 0) {
      resize(IDLE_BUFFER);
    } else if (limit == buffer.length) {
      resize(buffer.length * 2);
    }
    long now = System.nanoTime();
    long remaining = Math.min(latest - now, longest.toNanos());
    if (remaining <= 0) {
      throw new SocketTimeoutException();
    }
    deadline = now + remaining;
    int read = in.read(buffer, limit, buffer.length - limit);
    deadline = NO_DEADLINE;
    if (read < 0) {
      if (expired) {
        throw new SocketTimeoutException();
      }
      return false;
    }
    limit += read;
    return true;
  }

  /** Moves what is not looked at yet to the front. */
  private void compact() {
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    limit -= position;
    position = 0;
  }

  /** A session that waits for a command holds no more than it needs: there may be thousands. */
  private void resize(int size) {
    if (buffer.length != size && limit <= size) {
      buffer = Arrays.copyOf(buffer, size);
    }
  }
}
