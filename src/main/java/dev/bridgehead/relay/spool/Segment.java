package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of the log and what keeps it from going: see {@link #free}. Counted under the log's lock.
 */
final class Segment {
  /** What an outcome costs to copy, roughly. */
  private static final int OUTCOME_OCTETS = 64;

  final long id;
  final Path file;

  /**
   * The segment written before this one, whose end only this one's header tells until it is cut.
   */
  final long before;

  private final Disk disk;
  private Disk.@Nullable LogFile log; // guarded by this
  private int readers; // guarded by this
  private boolean gone; // guarded by this

  /** Octets of the file. */
  volatile long size;

  /** Behind its last record; the log's own end where it is still written. */
  int end;

  /** No octets lie behind {@link #end}. */
  boolean cut;

  boolean sealed;
  long sealedAt;

  /** What its sidecar will hold, until that is written. */
  @Nullable SidecarForm records;

  /** Damaged parts of which there is no copy yet: it stays as it is until there is. */
  List<SegmentScan.Part> uncopied = List.of();

  /** What is live here could not be read when that was tried last. Only the housekeeper's. */
  boolean unreadable;

  /** When it was tried last to read what is live, or to copy what is damaged. */
  long triedAt;

  /** Its live messages are in other segments as well: it goes before any other. */
  boolean superseded;

  int messages;
  int states;
  long octets;
  private final Map<Long, Integer> tombstones = new HashMap<>();
  private int tombstonesInAll;

  Segment(long id, long before, Path file, Disk disk) {
    this.id = id;
    this.before = before;
    this.file = file;
    this.disk = disk;
  }

  /** The open file. */
  synchronized Disk.LogFile log() throws IOException {
    if (log == null) {
      if (gone) {
        throw new IOException(file + " is gone");
      }
      log = disk.openLog(file);
    }
    return log;
  }

  /** Whether it may be read until {@link #leave}; false where it is gone. */
  synchronized boolean enter() {
    if (!gone) {
      readers++;
    }
    return !gone;
  }

  synchronized void leave() throws IOException {
    if (--readers == 0 && gone) {
      close();
    }
  }

  /**
   * Nobody enters any more.
   *
   * @return whether nobody is in it now
   */
  synchronized boolean retire() throws IOException {
    gone = true;
    if (readers > 0) {
      return false;
    }
    close();
    return true;
  }

  synchronized void close() throws IOException {
    if (log != null) {
      log.close();
      log = null;
    }
  }

  /** An outcome here says that a message is gone whose record lies in another segment. */
  void tombstone(long target) {
    if (target != id) {
      tombstones.merge(target, 1, Integer::sum);
      tombstonesInAll++;
    }
  }

  /** A segment is gone, durably: its messages need no outcomes any more. */
  void forgetTombstones(long target) {
    Integer count = tombstones.remove(target);
    tombstonesInAll -= count == null ? 0 : count;
  }

  /** One was copied, durably. */
  void tombstoneMoved(long target) {
    if (tombstones.containsKey(target)) {
      tombstones.compute(target, (_, count) -> count == null || count == 1 ? null : count - 1);
      tombstonesInAll--;
    }
  }

  boolean needsTombstones(long target) {
    return tombstones.containsKey(target);
  }

  boolean held() {
    return !uncopied.isEmpty();
  }

  /** Whether more than so much of it keeps it from going. */
  boolean pinnedByMore(int liveMessages, int liveStates, int neededTombstones) {
    return messages > liveMessages || states > liveStates || tombstonesInAll > neededTombstones;
  }

  /**
   * No live message is here, no live message's state, and no outcome of a message that has its
   * record elsewhere.
   */
  boolean free() {
    return !held() && messages == 0 && states == 0 && tombstonesInAll == 0;
  }

  /** Octets of the file that the log may still be written to. */
  long unwritten() {
    return sealed ? 0 : Math.max(0, size - end);
  }

  /** Octets that must be copied before it can go. */
  long pinned() {
    return octets + (long) OUTCOME_OCTETS * (states + tombstonesInAll);
  }
}
