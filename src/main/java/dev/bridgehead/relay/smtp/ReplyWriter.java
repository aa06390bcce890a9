package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.bridgehead.relay.mail.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Gathers replies, so that a pipelined group of commands is answered in one packet (RFC 2920
 * section 3.2). {@link ClientInput} flushes before it waits, so no client waits for a reply that
 * lies here. Used by the session's thread; {@link #stalledSince} by any.
 */
final class ReplyWriter {
  private static final int ENOUGH = 4096;

  /** No write is under way. */
  static final long IDLE = 0;

  private OutputStream out;
  private ByteArrayOutputStream pending = new ByteArrayOutputStream(256);
  private volatile long writingSince = IDLE;

  ReplyWriter(OutputStream out) {
    this.out = out;
  }

  /** Replies that are still here go that way, and all that follow. */
  void goOnWith(OutputStream next) {
    out = next;
  }

  void send(Reply reply) throws IOException {
    List<String> lines = reply.lines();
    for (int i = 0; i < lines.size(); i++) {
      String line =
          reply.code()
              + (i < lines.size() - 1 ? "-" : " ")
              + (reply.status() == null ? "" : reply.status() + " ")
              + lines.get(i)
              + "\r\n";
      pending.writeBytes(line.getBytes(US_ASCII));
    }
    if (pending.size() >= ENOUGH) {
      flush();
    }
  }

  void flush() throws IOException {
    if (pending.size() == 0) {
      return;
    }
    writingSince = Math.max(1, System.nanoTime() / 1_000_000);
    try {
      pending.writeTo(out);
      out.flush();
    } finally {
      writingSince = IDLE;
    }
    if (pending.size() > ENOUGH) {
      pending = new ByteArrayOutputStream(256);
    } else {
      pending.reset();
    }
  }

  /**
   * When the write began that has not ended yet, or {@link #IDLE}: a socket's write has no
   * time-out, so a watch closes the sockets of clients that take no replies.
   *
   * @return milliseconds of {@link System#nanoTime}
   */
  long stalledSince() {
    return writingSince;
  }
}
