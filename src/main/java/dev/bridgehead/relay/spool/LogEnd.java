package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The end of the log: the segment that is written, how much of it is written and how much of that
 * is on disk. Used under the log's lock.
 */
final class LogEnd {
  private static final int BUFFER = 256 << 10;

  private final Index index;
  private final Supply supply;
  private final Runnable onSeal;
  private final Checksum checksum = new Checksum();
  private final ByteBuffer buffer;

  /** Null where none can be written. */
  private @Nullable Segment current;

  /** The one written before; null at the very beginning. */
  private @Nullable Segment before;

  private int written;
  private int durable;

  /** Behind the last batch that has records, and how much the last header called durable. */
  private int contentEnd;

  private int told;
  private int batches;

  /** Outcomes that the kernel has and the disk perhaps not: written again after a failed sync. */
  private final ArrayDeque<Append> unsynced = new ArrayDeque<>();

  LogEnd(Index index, Supply supply, @Nullable Segment last, Runnable onSeal) {
    this.index = index;
    this.supply = supply;
    this.before = last;
    this.onSeal = onSeal;
    this.buffer = ByteBuffer.allocateDirect(Math.min(BUFFER, supply.segmentOctets()));
  }

  /** The segment that is written; null where none can be. */
  @Nullable Segment current() {
    return current;
  }

  /** Behind the last octet written. */
  int written() {
    return written;
  }

  /** Whether something written is not known to be on disk. */
  boolean dirty() {
    return durable < written;
  }

  /** Whether the log doesn't say yet that all its records are on disk. */
  boolean wantsMark() {
    return told < contentEnd;
  }

  /**
   * Whether so many octets more would be too many, or its sidecar is as large as it may get, or a
   * better file is ready.
   */
  boolean full(int more) {
    if (current == null || written == SegmentHeader.OCTETS) {
      return false;
    }
    if (Objects.requireNonNull(current.records).full()) {
      return true;
    }
    boolean grows = current.size < supply.segmentOctets() / 16 * 15;
    long room = grows ? supply.segmentOctets() : current.size;
    return (long) written + more > room || grows && supply.isReady();
  }

  /** Counts as outcomes, that must not get lost with a failed sync. */
  void remember(Append outcome) {
    if (outcome.entry != null) {
      unsynced.add(outcome);
    }
  }

  /**
   * Whether no segment is begun, and no outcome waits to be written again to the next one: a sync
   * has nothing to do.
   */
  boolean rests() {
    return current == null && unsynced.isEmpty();
  }

  /** All before this offset of the current segment is on disk. */
  void durableUpTo(int upTo) {
    durable = upTo;
    while (!unsynced.isEmpty()
        && Objects.requireNonNull(unsynced.getFirst().entry).offset() < upTo) {
      unsynced.removeFirst().synced();
    }
  }

  /**
   * Ends the current segment at what is on disk; whatever lies behind doesn't count. One whose
   * header never was known to be there doesn't count at all: the next follows the one before it.
   */
  void seal() {
    if (current != null) {
      current.end = durable;
      current.sealed = true;
      current.sealedAt = System.nanoTime();
      before = durable > 0 ? current : before;
      current = null;
      onSeal.run();
    }
  }

  /**
   * Goes on in a new segment, with the outcomes that the one before may have lost.
   *
   * @param synced what it says of the one before is on disk when this returns
   */
  void open(boolean synced) throws IOException {
    Supply.Begun begun = supply.begin(before);
    Segment segment = begun.segment();
    try {
      written = SegmentHeader.OCTETS;
      durable = 0; // the header is not on disk yet, and batches say so
      contentEnd = written;
      told = written;
      batches = 0;
      current = segment;
      if (!unsynced.isEmpty()) {
        write(List.copyOf(unsynced), assembly(segment));
      }
      // Last: with it, the segment before ends where it says, and what lay behind must be here.
      segment.log().write(ByteBuffer.wrap(begun.header().encode()), 0);
      if (synced) {
        int upTo = written;
        segment.log().sync();
        durableUpTo(upTo);
      }
      index.add(segment);
    } catch (IOException e) {
      current = null;
      supply.abandon(segment);
      throw e;
    }
  }

  /** Gathers for a thread that nobody interrupts. */
  Assembly assembly(Segment segment) throws IOException {
    return new Assembly(buffer, segment.log());
  }

  /** Writes records, as far as they are still wanted, as one batch. */
  void write(List<Append> batch, Assembly assembly) throws IOException {
    Segment segment = Objects.requireNonNull(current);
    List<Append> placed = new ArrayList<>(batch.size());
    List<Entry> entries = new ArrayList<>(batch.size());
    int at = written + BatchHeader.OCTETS;
    for (Append each : batch) {
      Entry entry = each.at(segment, at);
      if (entry != null) {
        placed.add(each);
        entries.add(entry);
        at += entry.length();
      }
    }
    if (!placed.isEmpty()) {
      write(segment, placed, entries, at, assembly);
      contentEnd = written;
    }
  }

  /** Writes a batch without records, which says how much is on disk. */
  void mark() throws IOException {
    Segment segment = Objects.requireNonNull(current);
    write(segment, List.of(), List.of(), written + BatchHeader.OCTETS, assembly(segment));
  }

  private void write(
      Segment segment, List<Append> placed, List<Entry> entries, int end, Assembly assembly)
      throws IOException {
    int length = end - written - BatchHeader.OCTETS;
    // First: a write that fails may leave any of it, and what lies behind the end must be cut.
    segment.size = Math.max(segment.size, BatchHeader.aligned(end));
    assembly.begin(segment.log(), written);
    assembly.put(new BatchHeader(batches, length, durable).encode(checksum, segment.id, written));
    for (int i = 0; i < placed.size(); i++) {
      assembly.put(entries.get(i).header(checksum, segment.id));
      assembly.put(entries.get(i).meta());
      placed.get(i).content().writeTo(assembly);
    }
    assembly.put(new byte[BatchHeader.aligned(end) - end]);
    assembly.flush();
    batches++;
    told = durable;
    written = BatchHeader.aligned(end);
    segment.end = written;
    SidecarForm records = Objects.requireNonNull(segment.records);
    for (int i = 0; i < placed.size(); i++) {
      records.add(entries.get(i));
      placed.get(i).placed(segment, entries.get(i));
    }
  }
}
