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

  private final byte[] block;
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

  /**
   * @param size octets of the content: a short one leaves in one piece, final dot and all
   */
  ContentStream(Sink sink, long size) {
    this.sink = sink;
    this.block = new byte[(int) Math.min(BLOCK, size + size / 16 + 64)];
  }

  /** Writes all of the content but its end, which {@link #end} writes. */
  void copy(InputStream content) throws IOException {
    byte[] read = new byte[BLOCK];
    int count;
    while ((count = next(content, read)) >= 0) {
      stuff(read, count);
    }
  }

  /** The same of a content in memory. */
  void copy(byte[] content) throws IOException {
    stuff(content, content.length);
  }

  /** Writes the rest and the final dot, in one piece. */
  void end() throws IOException {
    if (carriageReturn) {
      put((byte) ' ');
      lineStart = false;
      carriageReturn = false;
    }
    require(5);
    if (!lineStart) {
      block[length++] = '\r';
      block[length++] = '\n';
    }
    block[length++] = '.';
    block[length++] = '\r';
    block[length++] = '\n';
    flush();
  }

  private static int next(InputStream content, byte[] into) throws Unreadable {
    try {
      return content.read(into);
    } catch (IOException e) {
      throw new Unreadable(e);
    }
  }

  private void stuff(byte[] octets, int count) throws IOException {
    int from = 0;
    while (from < count) {
      if (carriageReturn) {
        from = afterCarriageReturn(octets, from);
        continue;
      }
      if (lineStart && octets[from] == '.') {
        put((byte) '.');
      }
      int end = from;
      while (end < count && octets[end] != '\r' && octets[end] != '\n') {
        end++;
      }
      run(octets, from, end);
      from = end;
      if (from < count) {
        if (octets[from] == '\r') {
          carriageReturn = true;
        } else {
          put((byte) ' ');
          lineStart = false;
        }
        from++;
      }
    }
  }

  /** Where to go on. */
  private int afterCarriageReturn(byte[] octets, int at) throws IOException {
    carriageReturn = false;
    if (octets[at] != '\n') {
      put((byte) ' ');
      lineStart = false;
      return at;
    }
    require(2);
    block[length++] = '\r';
    block[length++] = '\n';
    lineStart = true;
    return at + 1;
  }

  /** Octets that go through as they are. */
  private void run(byte[] octets, int from, int end) throws IOException {
    int at = from;
    while (at < end) {
      require(1);
      int most = Math.min(end - at, block.length - length);
      System.arraycopy(octets, at, block, length, most);
      length += most;
      at += most;
      lineStart = false;
    }
  }

  private void put(byte octet) throws IOException {
    require(1);
    block[length++] = octet;
  }

  private void require(int room) throws IOException {
    if (block.length - length < room) {
      flush();
    }
  }

  private void flush() throws IOException {
    sink.write(block, length);
    length = 0;
  }
}
