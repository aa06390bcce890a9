package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a segment holds, up to a limit, and believes nothing: whatever does not bear its
 * checksum is null. Used by one thread.
 */
final class SegmentText {
  private static final int WINDOW = 64 << 10;

  private final Disk.LogFile log;
  private final long segment;
  private final int limit;
  private final Checksum checksum = new Checksum();
  private final byte[] window;
  private int start;
  private int held;

  SegmentText(Disk.LogFile log, long segment, int limit) {
    this(log, segment, limit, WINDOW);
  }

  /**
   * @param limit nothing is looked at from there on
   * @param readAhead octets that are read at once
   */
  SegmentText(Disk.LogFile log, long segment, int limit, int readAhead) {
    this.log = log;
    this.segment = segment;
    this.limit = limit;
    this.window = new byte[Math.clamp(Math.min(limit, readAhead), SegmentHeader.OCTETS, WINDOW)];
  }

  int limit() {
    return limit;
  }

  /** Octets at an offset; null where the segment is shorter. */
  byte @Nullable [] octets(int offset, int length) throws IOException {
    if (length < 0 || offset > limit - length) {
      return null;
    }
    byte[] octets = new byte[length];
    if (length <= window.length) {
      int at = held(offset, length);
      if (at < 0) {
        return null;
      }
      System.arraycopy(window, at, octets, 0, length);
      return octets;
    }
    return read(offset, octets, length) == length ? octets : null;
  }

  private int read(int offset, byte[] into, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int count = log.read(into, done, length - done, offset + done);
      if (count < 0) {
        break;
      }
      done += count;
    }
    return done;
  }

  /** Where in the window they are; -1 where they are missing. */
  private int held(int offset, int length) throws IOException {
    if (offset < start || offset + length > start + held) {
      start = offset;
      held = read(offset, window, Math.min(window.length, limit - offset));
    }
    return offset + length <= start + held ? offset - start : -1;
  }

  @Nullable SegmentHeader header() throws IOException {
    byte[] octets = octets(0, SegmentHeader.OCTETS);
    return octets == null ? null : SegmentHeader.decode(octets, segment);
  }

  /** The batch that begins at an offset and ends before the limit; null where there is none. */
  @Nullable BatchHeader batch(int offset) throws IOException {
    if (offset > limit - BatchHeader.OCTETS) {
      return null;
    }
    int at = held(offset, BatchHeader.OCTETS);
    if (at < 0) {
      return null;
    }
    BatchHeader header = BatchHeader.decode(window, at, checksum, segment, offset);
    return header != null && header.length() <= limit - offset - BatchHeader.OCTETS ? header : null;
  }

  /** The first batch at an offset or behind; -1 where there is none. */
  int nextBatch(int from) throws IOException {
    for (int offset = BatchHeader.aligned(from);
        offset <= limit - BatchHeader.OCTETS;
        offset += BatchHeader.ALIGNMENT) {
      int at = held(offset, BatchHeader.OCTETS);
      if (at >= 0 && BatchHeader.claims(window, at, segment) && batch(offset) != null) {
        return offset;
      }
    }
    return -1;
  }

  /** Behind the last batch from an offset on; 0 where there is none. */
  int lastEnd(int from) throws IOException {
    int last = 0;
    for (int at = nextBatch(from); at >= 0; at = nextBatch(at + 1)) {
      BatchHeader batch = batch(at);
      last = batch == null ? last : Math.min(limit, batch.end(at));
    }
    return last;
  }

  /** What the batches from an offset on know to be on disk; 0 where there are none. */
  int durable(int from) throws IOException {
    int durable = 0;
    for (int at = nextBatch(from); at >= 0; at = nextBatch(at + 1)) {
      BatchHeader batch = batch(at);
      durable = batch == null ? durable : Math.max(durable, batch.durable());
    }
    return durable;
  }

  /** Whether a batch, be it a damaged one, was begun at an offset. */
  boolean begun(int offset) throws IOException {
    int at = offset > limit - BatchHeader.OCTETS ? -1 : held(offset, BatchHeader.OCTETS);
    return at >= 0 && BatchHeader.claims(window, at, segment);
  }

  /** Behind the last octet that is not zero, from an offset on. */
  int lastNonZero(int from) throws IOException {
    int last = from;
    for (int offset = from; offset < limit; offset++) {
      int at = held(offset, 1);
      if (at < 0) {
        break;
      }
      if (window[at] != 0) {
        last = offset + 1;
      }
    }
    return last;
  }

  /** The record at an offset, its content not looked at; null where there is none. */
  @Nullable Entry entry(int offset, int end) throws IOException {
    byte[] head = octets(offset, Entry.HEADER);
    if (head == null) {
      return null;
    }
    java.nio.ByteBuffer in = java.nio.ByteBuffer.wrap(head);
    int metaLength = in.getInt(4);
    int inline = in.getInt(8);
    if (metaLength < 0
        || inline < 0
        || (long) offset + Entry.HEADER + metaLength + inline > end
        || metaLength > Entry.MOST_META) {
      return null;
    }
    byte[] meta = octets(offset + Entry.HEADER, metaLength);
    if (meta == null
        || in.getInt(16) != checksum.of(segment, offset, head, Entry.HEADER - 4, meta)) {
      return null;
    }
    return new Entry(offset, in.get(0), in.get(1), meta, inline, in.getInt(12));
  }

  /** Whether a record's inline content is what was written. */
  boolean sound(Entry entry) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] octets = new byte[Math.min(WINDOW, entry.inline())];
    for (int done = 0; done < entry.inline(); ) {
      int count = Math.min(octets.length, entry.inline() - done);
      int offset = entry.contentOffset() + done;
      if (offset >= start && offset + count <= start + held) {
        crc.update(window, offset - start, count);
      } else if (read(offset, octets, count) == count) {
        crc.update(octets, 0, count);
      } else {
        return false;
      }
      done += count;
    }
    boolean bodyElsewhere = entry.type() == Entry.MESSAGE && (entry.flags() & Entry.BODY) != 0;
    return bodyElsewhere || entry.inline() == 0 || (int) crc.getValue() == entry.contentCrc();
  }
}
