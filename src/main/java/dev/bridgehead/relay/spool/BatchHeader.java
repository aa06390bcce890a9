package dev.bridgehead.relay.spool;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the records of one write.
 *
 * @param number counts the batches of a segment, from 0
 * @param length octets of the records, without the padding to a multiple of {@link #ALIGNMENT}
 * @param durable all of the segment before this offset was on disk when this was written
 */
record BatchHeader(int number, int length, int durable) {
  static final int OCTETS = 32;
  static final int ALIGNMENT = 8;
  private static final int MAGIC = 0x4248_4231; // BHB1
  private static final int CHECKED = OCTETS - 4;
  private static final byte[] NOTHING = {};

  byte[] encode(Checksum checksum, long segment, int offset) {
    ByteBuffer out = ByteBuffer.allocate(OCTETS);
    out.putInt(MAGIC).putInt(number).putLong(segment).putInt(length).putInt(durable);
    out.putInt(CHECKED, checksum.of(segment, offset, out.array(), CHECKED, NOTHING));
    return out.array();
  }

  /** Null where no batch of this segment begins at this offset. */
  static @Nullable BatchHeader decode(
      byte[] octets, int at, Checksum checksum, long segment, int offset) {
    ByteBuffer in = ByteBuffer.wrap(octets, at, OCTETS).slice();
    if (!claims(octets, at, segment)) {
      return null;
    }
    byte[] checked = new byte[CHECKED];
    in.get(0, checked);
    if (in.getInt(CHECKED) != checksum.of(segment, offset, checked, CHECKED, NOTHING)) {
      return null;
    }
    BatchHeader header = new BatchHeader(in.getInt(4), in.getInt(16), in.getInt(20));
    return header.length < 0 ? null : header;
  }

  /** Whether the octets say that a batch of this segment begins here, be it damaged. */
  static boolean claims(byte[] octets, int at, long segment) {
    ByteBuffer in = ByteBuffer.wrap(octets, at, OCTETS).slice();
    return in.getInt(0) == MAGIC && in.getLong(8) == segment;
  }

  /** Where the next batch begins. */
  int end(int offset) {
    return aligned(offset + OCTETS + length);
  }

  static int aligned(int offset) {
    return offset + ALIGNMENT - 1 & -ALIGNMENT;
  }
}
