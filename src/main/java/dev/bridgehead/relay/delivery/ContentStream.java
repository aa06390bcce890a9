package dev.bridgehead.relay.delivery;

import java.io.IOException;
import java.io.InputStream;

/**
 * Turns content into what goes between {@code 354} and the last reply (RFC 5321 §4.5.2): dots at
 * the start of lines doubled, the end marked. What isn't CRLF never passes as part of a line end: a
 * bare CR or LF becomes a space, so that no peer can find an end of data where there is none.
 */
final class ContentStream {
  private static final int BLOCK = 32 * 1024;

  private final Sink sink;

  // Twice a block, and what the end needs: every octet may be a dot.
  private final byte[] block = new byte[2 * BLOCK + 8];
  private int length;
  private boolean lineStart = true;
  private boolean carriageReturn;

  /** Takes octets. */
  @FunctionalInterface
  interface Sink {
    void write(byte[] octets, int length) throws IOException;
  }

  /** The message itself could not be read: none of the peer's fault. */
  static final class Unreadable extends IOException {
    Unreadable(IOException cause) {
      super("the message can't be read: " + Peer.text(cause), cause);
    }
  }

  ContentStream(Sink sink) {
    this.sink = sink;
  }

  /** Writes all of the content but its end, which {@link #end} writes. */
  void copy(InputStream content) throws IOException {
    byte[] read = new byte[BLOCK];
    while (true) {
      int count = next(content, read);
      if (count < 0) {
        return;
      }
      if (length > 0) {
        flush();
      }
      stuff(read, count);
    }
  }

  /** Writes the rest and the final dot. */
  void end() throws IOException {
    if (carriageReturn) {
      plain((byte) ' ');
      carriageReturn = false;
    }
    if (!lineStart) {
      put((byte) '\r');
      put((byte) '\n');
    }
    put((byte) '.');
    put((byte) '\r');
    put((byte) '\n');
    flush();
  }

  private static int next(InputStream content, byte[] into) throws Unreadable {
    try {
      return content.read(into);
    } catch (IOException e) {
      throw new Unreadable(e);
    }
  }

  private void stuff(byte[] octets, int count) {
    for (int i = 0; i < count; i++) {
      byte octet = octets[i];
      if (carriageReturn) {
        carriageReturn = false;
        if (octet == '\n') {
          put((byte) '\r');
          put((byte) '\n');
          lineStart = true;
          continue;
        }
        plain((byte) ' ');
      }
      switch (octet) {
        case '\r' -> carriageReturn = true;
        case '\n' -> plain((byte) ' ');
        case '.' -> {
          if (lineStart) {
            put((byte) '.');
          }
          plain((byte) '.');
        }
        default -> plain(octet);
      }
    }
  }

  private void plain(byte octet) {
    put(octet);
    lineStart = false;
  }

  private void put(byte octet) {
    block[length++] = octet;
  }

  private void flush() throws IOException {
    sink.write(block, length);
    length = 0;
  }
}
