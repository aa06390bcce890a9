package dev.bridgehead.relay.spool;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Content in memory, gathered piece by piece. Used by one thread at a time. */
final class Chunks {
  private static final int LARGEST = 32 << 10;
  static final Chunks NONE = new Chunks(0);

  private final List<byte[]> full = new ArrayList<>(4);
  private final CRC32C crc = new CRC32C();
  private byte[] last;
  private int used;
  private int length;
  private int capacity;
  private int known;
  private boolean crcKnown;

  /**
   * @param expected octets, roughly
   */
  Chunks(int expected) {
    last = new byte[Math.min(expected, LARGEST)];
    capacity = last.length;
  }

  /** Of what a record already holds. */
  static Chunks of(byte[] octets, int contentCrc) {
    Chunks chunks = new Chunks(0);
    chunks.last = octets;
    chunks.used = octets.length;
    chunks.length = octets.length;
    chunks.known = contentCrc;
    chunks.crcKnown = true;
    return chunks;
  }

  /** Octets of memory that adding so many would need beyond what is there. */
  int growth(int more) {
    return more <= last.length - used ? 0 : Math.max(more, Math.min(LARGEST, 2 * last.length));
  }

  void add(byte[] octets, int offset, int count) {
    crc.update(octets, offset, count);
    length += count;
    int fits = Math.min(count, last.length - used);
    System.arraycopy(octets, offset, last, used, fits);
    used += fits;
    if (fits < count) {
      full.add(last);
      last = new byte[growth(count - fits)];
      capacity += last.length;
      used = count - fits;
      System.arraycopy(octets, offset + fits, last, 0, used);
    }
  }

  int length() {
    return length;
  }

  /** Octets of memory. */
  int capacity() {
    return capacity;
  }

  int crc() {
    return crcKnown ? known : (int) crc.getValue();
  }

  /** Takes pieces one after the other. */
  interface Sink<E extends Exception> {
    void put(byte[] octets, int offset, int length) throws E;
  }

  <E extends Exception> void writeTo(Sink<E> sink) throws E {
    for (byte[] chunk : full) {
      sink.put(chunk, 0, chunk.length);
    }
    sink.put(last, 0, used);
  }
}
