package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A segment's records without their contents, so that a start reads no contents. Derived: without
 * it, or where it is damaged, the segment itself is read. Gathered in memory while the segment is
 * written, so there is a bound to it.
 */
final class SidecarForm {
  private static final Logger LOG = LoggerFactory.getLogger(SidecarForm.class);
  private static final long MAGIC = 0x4248_4944_5831_0001L; // BHIDX1, version 1
  private static final int HEADER = 32;
  private static final int ENTRY = 18;

  /**
   * A segment with so much is full. Mail of 4 KiB fills one of 64 MiB before that; some ten
   * thousands of outcomes don't.
   */
  static final int FULL = 3 << 20;

  /** What comes before the next segment is begun may go beyond; a segment with more gets none. */
  private static final int MOST = 2 * FULL;

  private final Octets.Writer entries = new Octets.Writer(4096);
  private boolean dropped;

  /** Whether the segment should take no more records. */
  boolean full() {
    return dropped || entries.size() >= FULL;
  }

  void add(Entry entry) {
    if (dropped || entries.size() + ENTRY + entry.meta().length > MOST) {
      dropped = true;
      entries.drop();
      return;
    }
    entries.int32(entry.offset());
    entries.write(entry.type());
    entries.write(entry.flags());
    entries.int32(entry.inline());
    entries.int32(entry.contentCrc());
    entries.int32(entry.meta().length);
    entries.write(entry.meta(), 0, entry.meta().length);
  }

  /** All entries so far, for {@link #forEach}; null where they were too many. */
  byte @Nullable [] octets() {
    return dropped ? null : entries.toByteArray();
  }

  /** Takes entries in the order of the log. */
  interface Each {
    void entry(Entry entry) throws IOException;
  }

  /**
   * Writes it for a segment with this end, which must be on disk. None where it is too large, or
   * can't be written: a start that has to read a segment is slower, and no more.
   */
  void write(Disk disk, Path file, Segment segment) {
    try {
      disk.delete(file);
      if (!dropped) {
        make(disk, file, segment);
      }
    } catch (IOException e) {
      LOG.warn("{} can't be written, and is done without: {}", file, e.toString());
    }
  }

  private void make(Disk disk, Path file, Segment segment) throws IOException {
    byte[] body = entries.toByteArray();
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putLong(MAGIC).putLong(segment.id).putInt(segment.end).putInt(body.length);
    header.putInt(Checksum.plain(body, 0, body.length));
    header.putInt(Checksum.plain(header.array(), 0, HEADER - 4));
    try (Disk.NewFile made = disk.create(file)) {
      made.write(header.array(), 0, HEADER);
      made.write(body, 0, body.length);
      made.sync();
    } catch (IOException e) {
      disk.delete(file); // on a full disk half of one takes room
      throw e;
    }
  }

  /**
   * Reads a sidecar.
   *
   * @return its entries; null where there is no sound one for a segment with this end
   */
  static byte @Nullable [] read(Disk disk, Path file, long segment, int end) throws IOException {
    if (!disk.exists(file)) {
      return null;
    }
    try (InputStream in = disk.read(file, 0)) {
      ByteBuffer header = header(in, segment);
      if (header == null || header.getInt() != end) {
        return null;
      }
      int length = header.getInt();
      byte[] body = in.readNBytes(Math.max(0, length));
      boolean sound =
          body.length == length
              && header.getInt() == Checksum.plain(body, 0, length)
              && isWhole(ByteBuffer.wrap(body));
      return sound ? body : null;
    }
  }

  /** Whether it is entries to its end: a sound checksum says that it is what was written. */
  private static boolean isWhole(ByteBuffer in) {
    while (in.remaining() >= ENTRY) {
      int length = in.getInt(in.position() + ENTRY - 4);
      if (length < 0 || length > in.remaining() - ENTRY) {
        return false;
      }
      in.position(in.position() + ENTRY + length);
    }
    return !in.hasRemaining();
  }

  /** Where a segment ends that ends at {@code most} at the latest, by its sidecar if it has one. */
  static int end(Disk disk, Path file, long segment, int most) throws IOException {
    if (!disk.exists(file)) {
      return most;
    }
    try (InputStream in = disk.read(file, 0)) {
      ByteBuffer header = header(in, segment);
      int end = header == null ? most : header.getInt();
      return end < SegmentHeader.OCTETS ? most : Math.min(most, end);
    }
  }

  /** A sound header, at the segment's end; null where there is none for this segment. */
  private static @Nullable ByteBuffer header(InputStream in, long segment) throws IOException {
    byte[] octets = in.readNBytes(HEADER);
    if (octets.length < HEADER) {
      return null;
    }
    ByteBuffer header = ByteBuffer.wrap(octets);
    boolean sound = header.getInt(HEADER - 4) == Checksum.plain(octets, 0, HEADER - 4);
    return sound && header.getLong() == MAGIC && header.getLong() == segment ? header : null;
  }

  /** Goes through what {@link #read} returned. */
  static void forEach(byte[] entries, Each each) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(entries);
    while (in.remaining() >= ENTRY) {
      int offset = in.getInt();
      int type = in.get();
      int flags = in.get();
      int inline = in.getInt();
      int contentCrc = in.getInt();
      byte[] meta = new byte[in.getInt()];
      in.get(meta);
      each.entry(new Entry(offset, type, flags, meta, inline, contentCrc));
    }
  }
}
