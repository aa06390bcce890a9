package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Copies what pins a segment to the end of the log: live messages, current states, and outcomes of
 * messages whose records lie elsewhere. A copy is written in the log's order after a last look
 * whether it is wanted, so that it never follows the outcome it must not undo.
 */
final class Mover {
  private static final int GROUP_OCTETS = 256 << 10;

  /** Copying leaves the disk to the mail, as long as there is room. */
  private static final long OCTETS_PER_SECOND = 16 << 20;

  private final Disk disk;
  private final Layout layout;
  private final Index index;
  private final LogWriter writer;
  private final ReentrantLock lock;

  Mover(Disk disk, Layout layout, Index index, LogWriter writer, ReentrantLock lock) {
    this.disk = disk;
    this.layout = layout;
    this.index = index;
    this.writer = writer;
    this.lock = lock;
  }

  /**
   * Reads what {@link #move} would copy. A segment that can't be copied whole must not be begun
   * with: half-copied it goes before any other, so that none would.
   */
  void requireReadable(Segment from) throws IOException {
    Pins seen = new Pins();
    Records.forEach(
        disk,
        layout,
        from,
        entry -> {
          if (entry.told() instanceof Entry.Told.Message message
              && isHere(message.id(), from, entry)) {
            content(from, entry, message.id());
          }
          lock.lock();
          try {
            seen.count(from, entry);
          } finally {
            lock.unlock();
          }
        });
    lock.lock();
    try {
      if (from.pinnedByMore(seen.messages, seen.states, seen.tombstones)) {
        throw new DamagedFileException(from.file + " holds records that can't be read any more");
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * What was seen of all that pins a segment: without its sidecar, rotten records are passed over.
   */
  private final class Pins {
    int messages;
    int states;
    int tombstones;

    void count(Segment from, Entry entry) throws IOException {
      switch (entry.told()) {
        case Entry.Told.Message message -> {
          Live live = index.get(message.id());
          messages += live != null && here(live, from, entry) ? 1 : 0;
          if (message.outcome() != null) {
            Entry.Outcome outcome = message.outcome();
            count(from, entry, outcome.about(), outcome.state().length == 0, outcome.segment());
          }
        }
        case Entry.Told.State state -> count(from, entry, state.id(), false, 0);
        case Entry.Told.Done done -> count(from, entry, done.id(), true, done.segment());
      }
    }

    private void count(Segment from, Entry entry, QueueId id, boolean done, long target) {
      if (done) {
        tombstones += from.needsTombstones(target) ? 1 : 0;
      } else {
        Live live = index.get(id);
        states += live != null && stateHere(live, from, entry) ? 1 : 0;
      }
    }
  }

  private static boolean stateHere(Live live, Segment segment, Entry entry) {
    return live.stateSegment == segment && live.stateOffset == entry.offset();
  }

  /** Copies all; the segment is free when this returns, but for what settles just now. */
  void move(Segment from, boolean gently) throws IOException {
    List<Append> group = new ArrayList<>();
    int[] octets = {0};
    Records.forEach(
        disk,
        layout,
        from,
        entry -> {
          for (Append copy : copies(from, entry)) {
            group.add(copy);
            octets[0] += copy.content().length() + entry.meta().length;
          }
          if (octets[0] >= GROUP_OCTETS) {
            flush(group);
            if (gently) {
              LockSupport.parkNanos(octets[0] * 1_000_000_000L / OCTETS_PER_SECOND);
            }
            octets[0] = 0;
          }
        });
    flush(group);
  }

  private void flush(List<Append> group) throws IOException {
    group.forEach(writer::submit);
    for (Append each : group) {
      writer.settle(each);
    }
    group.clear();
  }

  /** What of a record is still needed, as far as can be told before its turn to be written. */
  private List<Append> copies(Segment from, Entry entry) throws IOException {
    List<Append> copies = new ArrayList<>(2);
    Entry.Told told = entry.told();
    // Read without the lock, which every commit and outcome needs: a dying disk may take its time.
    Chunks content =
        told instanceof Entry.Told.Message message && isHere(message.id(), from, entry)
            ? Chunks.of(content(from, entry, message.id()), entry.contentCrc())
            : null;
    lock.lock();
    try {
      switch (told) {
        case Entry.Told.Message message -> {
          Live live = index.get(message.id());
          if (live != null && content != null && here(live, from, entry)) {
            copies.add(new MovedMessage(from, entry, message, live, content));
          }
          if (message.outcome() != null) {
            Entry.Outcome outcome = message.outcome();
            if (outcome.state().length == 0) {
              tombstone(from, outcome.about(), outcome.segment(), copies);
            } else {
              state(from, entry, outcome.about(), outcome.state(), copies);
            }
          }
        }
        case Entry.Told.State state -> state(from, entry, state.id(), state.state(), copies);
        case Entry.Told.Done done -> tombstone(from, done.id(), done.segment(), copies);
      }
    } finally {
      lock.unlock();
    }
    return copies;
  }

  private static boolean here(Live live, Segment segment, Entry entry) {
    return live.segment == segment && live.offset == entry.offset();
  }

  private boolean isHere(QueueId id, Segment from, Entry entry) {
    lock.lock();
    try {
      Live live = index.get(id);
      return live != null && here(live, from, entry);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What can't be read is not given up: the segment stays, and is tried again. Nor is what reads
   * wrong: a start that finds a bad checksum at the log's end takes it, and all mail written with
   * it, for torn.
   */
  private static byte[] content(Segment from, Entry entry, QueueId id) throws IOException {
    SegmentText text = new SegmentText(from.log(), from.id, from.end);
    byte[] octets = text.octets(entry.contentOffset(), entry.inline());
    if (octets == null) {
      throw new DamagedFileException(from.file + " is shorter than it was");
    }
    if (octets.length > 0 && Checksum.plain(octets, 0, octets.length) != entry.contentCrc()) {
      throw new DamagedFileException(
          "%s holds the content of %s damaged at %d"
              .formatted(from.file, id, entry.contentOffset()));
    }
    return octets;
  }

  private void state(Segment from, Entry entry, QueueId id, byte[] state, List<Append> copies) {
    Live live = index.get(id);
    if (live != null && stateHere(live, from, entry)) {
      copies.add(new MovedState(from, entry.offset(), live, state));
    }
  }

  private void tombstone(Segment from, QueueId id, long target, List<Append> copies) {
    if (from.needsTombstones(target)) {
      copies.add(new MovedTombstone(from, id, target));
    }
  }

  /** A live message. */
  private final class MovedMessage extends Append {
    private final Segment from;
    private final Entry old;
    private final Entry.Told.Message message;
    private final Live live;
    private final Chunks content;

    MovedMessage(Segment from, Entry old, Entry.Told.Message message, Live live, Chunks content) {
      this.from = from;
      this.old = old;
      this.message = message;
      this.live = live;
      this.content = content;
    }

    @Override
    boolean copy() {
      return true;
    }

    @Override
    @Nullable Entry at(Segment in, int offset) {
      if (index.get(live.id) != live || !here(live, from, old) || live.settling) {
        return null;
      }
      return new Entry(
          offset,
          Entry.MESSAGE,
          Entry.MOVED | (message.body() ? Entry.BODY : 0),
          Entry.messageMeta(
              live.id, message.body() ? message.size() : -1, null, message.envelope()),
          content.length(),
          old.contentCrc());
    }

    @Override
    Chunks content() {
      return content;
    }

    @Override
    void written(Segment in, Entry as) {
      from.superseded = true;
      index.move(live, in, as.offset(), as.length());
    }

    /** The old segment is still there: nothing goes until the next start. */
    @Override
    void lost() {
      if (index.get(live.id) == live) {
        index.move(live, from, old.offset(), old.length());
      } else { // its outcome is written again, and must name the segment that it lies in
        live.moveTo(from, old.offset(), old.length());
      }
    }
  }

  /** A live message's current state. */
  private final class MovedState extends Append {
    private final Segment from;
    private final int oldOffset;
    private final Live live;
    private final byte[] state;

    MovedState(Segment from, int oldOffset, Live live, byte[] state) {
      this.from = from;
      this.oldOffset = oldOffset;
      this.live = live;
      this.state = state;
    }

    @Override
    boolean copy() {
      return true;
    }

    @Override
    @Nullable Entry at(Segment in, int offset) {
      boolean current =
          index.get(live.id) == live
              && live.stateSegment == from
              && live.stateOffset == oldOffset
              && !live.settling;
      return current
          ? new Entry(offset, Entry.STATE, 0, Entry.stateMeta(live.id, state), 0, 0)
          : null;
    }

    @Override
    void written(Segment in, Entry as) {
      index.state(live, in, as.offset());
    }

    @Override
    void lost() {
      if (index.get(live.id) == live) {
        index.state(live, from, oldOffset);
      }
    }
  }

  /** An outcome that keeps a message from coming back out of another segment. */
  private final class MovedTombstone extends Append {
    private final Segment from;
    private final QueueId id;
    private final long target;

    MovedTombstone(Segment from, QueueId id, long target) {
      this.from = from;
      this.id = id;
      this.target = target;
    }

    @Override
    boolean copy() {
      return true;
    }

    @Override
    @Nullable Entry at(Segment in, int offset) {
      return index.segment(target) == null
          ? null
          : new Entry(offset, Entry.DONE, 0, Entry.doneMeta(id, target), 0, 0);
    }

    @Override
    void written(Segment in, Entry as) {
      in.tombstone(target);
    }

    @Override
    void durable(Segment in, Entry as) {
      from.tombstoneMoved(target);
    }
  }
}
