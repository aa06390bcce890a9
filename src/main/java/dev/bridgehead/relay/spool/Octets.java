package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;

/** How numbers, texts and instants are written, big-endian, by {@link Writer}; and read again. */
final class Octets {
  private Octets() {}

  /** Collects octets. */
  static final class Writer extends ByteArrayOutputStream {
    Writer(int expected) {
      super(expected);
    }

    /** Gives back the memory; nothing is written any more. */
    void drop() {
      buf = new byte[0];
      count = 0;
    }

    /** Seven bits an octet, the lowest first, the highest bit set on all but the last. */
    void varint(int value) {
      int rest = value;
      while ((rest & ~0x7f) != 0) {
        write(rest & 0x7f | 0x80);
        rest >>>= 7;
      }
      write(rest);
    }

    void int32(int value) {
      write(value >>> 24);
      write(value >>> 16);
      write(value >>> 8);
      write(value);
    }

    void int64(long value) {
      int32((int) (value >>> 32));
      int32((int) value);
    }

    void instant(Instant instant) {
      int64(instant.getEpochSecond());
      int32(instant.getNano());
    }

    /** Length, then UTF-8. */
    void text(String text) {
      block(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Length, then the octets. */
    void block(byte[] octets) {
      varint(octets.length);
      write(octets, 0, octets.length);
    }

    void id(QueueId id) {
      text(id.value());
    }
  }

  /** What reads it throws this where the octets don't fit. */
  interface Reading<T> {
    T read(ByteBuffer from) throws DamagedFileException;
  }

  /** Runs a reader over octets; whatever it stumbles over is damage. */
  static <T> T read(byte[] octets, Reading<T> reading) throws DamagedFileException {
    try {
      return reading.read(ByteBuffer.wrap(octets));
    } catch (IndexOutOfBoundsException
        | java.nio.BufferUnderflowException
        | IllegalArgumentException
        | DateTimeException e) {
      throw new DamagedFileException("it can't be read: " + e);
    }
  }

  static int varint(ByteBuffer from) throws DamagedFileException {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte octet = from.get();
      value |= (octet & 0x7f) << shift;
      if (octet >= 0) {
        return value;
      }
    }
    throw new DamagedFileException("a number is too long");
  }

  static Instant instant(ByteBuffer from) {
    return Instant.ofEpochSecond(from.getLong(), from.getInt());
  }

  static byte[] block(ByteBuffer from) throws DamagedFileException {
    int length = varint(from);
    if (length < 0 || length > from.remaining()) {
      throw new DamagedFileException("a length is too great");
    }
    byte[] octets = new byte[length];
    from.get(octets);
    return octets;
  }

  static String text(ByteBuffer from) throws DamagedFileException {
    return new String(block(from), StandardCharsets.UTF_8);
  }

  static QueueId id(ByteBuffer from) throws DamagedFileException {
    return new QueueId(text(from));
  }

  static byte[] rest(ByteBuffer from) {
    byte[] octets = new byte[from.remaining()];
    from.get(octets);
    return octets;
  }
}
