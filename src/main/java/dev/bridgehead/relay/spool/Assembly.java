package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Gathers a batch, so that it goes to the kernel in one write, or few where it is large. Over a
 * heap buffer it may be used by threads that are interrupted.
 */
final class Assembly implements Chunks.Sink<IOException> {
  private final ByteBuffer buffer;
  private Disk.LogFile file;
  private long at;

  Assembly(ByteBuffer buffer, Disk.LogFile file) {
    this.buffer = buffer;
    this.file = file;
  }

  void begin(Disk.LogFile into, long position) {
    buffer.clear();
    file = into;
    at = position;
  }

  @Override
  public void put(byte[] octets, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int count = Math.min(buffer.remaining(), length - done);
      buffer.put(octets, offset + done, count);
      done += count;
    }
  }

  void put(byte[] octets) throws IOException {
    put(octets, 0, octets.length);
  }

  void flush() throws IOException {
    buffer.flip();
    int length = buffer.remaining();
    if (buffer.hasArray()) {
      file.writeFew(buffer.array(), length, at);
    } else {
      file.write(buffer, at);
    }
    at += length;
    buffer.clear();
  }
}
