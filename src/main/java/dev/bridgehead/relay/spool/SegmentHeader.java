package dev.bridgehead.relay.spool;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The first octets of a segment.
 *
 * @param id of the segment, as in its name
 * @param used false: made ready, nothing was ever appended
 * @param recycled the file was another segment before: what follows the end is not zero
 * @param before the segment that was written before; 0 where there was none
 * @param beforeEnd where that one ended, all of it on disk; whatever follows there doesn't count
 * @param spool which spool it belongs to
 */
record SegmentHeader(
    long id, boolean used, boolean recycled, long before, int beforeEnd, UUID spool) {
  static final int OCTETS = 64;
  static final int VERSION = 1;
  private static final long MAGIC = 0x4248_5350_4f4f_4c31L; // BHSPOOL1
  private static final int CHECKED = OCTETS - 4;
  private static final int USED = 1;
  private static final int RECYCLED = 2;

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(OCTETS);
    out.putLong(MAGIC).putInt(VERSION).putInt((used ? USED : 0) | (recycled ? RECYCLED : 0));
    out.putLong(id).putLong(before).putInt(beforeEnd).putInt(0);
    out.putLong(spool.getMostSignificantBits()).putLong(spool.getLeastSignificantBits());
    out.putInt(CHECKED, Checksum.plain(out.array(), 0, CHECKED));
    return out.array();
  }

  /** Of which version a header claims to be; 0 where the octets are no header. */
  static int version(byte[] octets) {
    ByteBuffer in = ByteBuffer.wrap(octets);
    boolean sound = in.getInt(CHECKED) == Checksum.plain(octets, 0, CHECKED);
    return sound && in.getLong() == MAGIC ? in.getInt() : 0;
  }

  /** Null where the octets are no header of this segment. */
  static @Nullable SegmentHeader decode(byte[] octets, long id) {
    ByteBuffer in = ByteBuffer.wrap(octets);
    if (in.getLong() != MAGIC
        || in.getInt() != VERSION
        || in.getInt(CHECKED) != Checksum.plain(octets, 0, CHECKED)) {
      return null;
    }
    int flags = in.getInt();
    SegmentHeader header =
        new SegmentHeader(
            in.getLong(),
            (flags & USED) != 0,
            (flags & RECYCLED) != 0,
            in.getLong(),
            skipped(in),
            new UUID(in.getLong(), in.getLong()));
    return header.id == id && header.beforeEnd >= 0 ? header : null;
  }

  private static int skipped(ByteBuffer in) {
    int value = in.getInt();
    in.getInt();
    return value;
  }
}
