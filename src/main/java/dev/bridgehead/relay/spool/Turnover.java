package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the log ends in a segment that can be written: goes on to the next where one is
 * full, or failed. Used under the log's lock. What a sync covers is looked up before it begins:
 * what was written meanwhile is not on disk.
 */
final class Turnover {
  private static final Logger LOG = LoggerFactory.getLogger(Turnover.class);

  /** After a segment could not be begun, none is tried for so long. */
  private static final long PAUSE_NANOS = 450_000_000L;

  private final LogEnd end;
  private final Room room;
  private final Acceptance acceptance;

  /** A write to the current segment failed. */
  private boolean broken;

  private long nextTry;

  /** What a failed write or sync covered may lie where a start would read it. */
  private volatile boolean unclear;

  /** The same until a restart: after a defect nobody knows how much is written. */
  private volatile boolean unclearForGood;

  Turnover(LogEnd end, Room room, Acceptance acceptance) {
    this.end = end;
    this.room = room;
    this.acceptance = acceptance;
  }

  /** The segment that may be written; null where there is none just now. */
  @Nullable Segment usable() {
    return broken ? null : end.current();
  }

  /**
   * Whether nothing that failed comes back at a start: a later segment says on disk where the one
   * that failed ended. Any thread, without the lock.
   */
  boolean failuresAreFinal() {
    return !unclear && !unclearForGood;
  }

  /**
   * Begins the first segment.
   *
   * @return false where there is no room for one: it is begun as soon as there is
   * @throws IOException where the disk fails
   */
  boolean start() throws IOException {
    try {
      open(true);
      return true;
    } catch (IOException e) {
      if (acceptance.ended() != null) {
        throw e;
      }
      return false;
    }
  }

  /** Begins a segment where none can be written, and another where the current one is full. */
  Segment ready(int octets) throws IOException {
    if (usable() == null) {
      reopen();
    }
    if (end.full(octets)) {
      turn();
    }
    return Objects.requireNonNull(end.current());
  }

  private void turn() throws IOException {
    try {
      if (end.dirty()) {
        syncCurrent(Objects.requireNonNull(end.current()));
      }
    } catch (IOException e) {
      syncFailed(e);
      throw e;
    }
    end.seal();
    open(false);
  }

  private void syncCurrent(Segment segment) throws IOException {
    int upTo = end.written();
    segment.log().sync();
    end.durableUpTo(upTo);
  }

  private void open(boolean synced) throws IOException {
    try {
      end.open(synced);
      broken = false;
      nextTry = 0;
      unclear &= !synced;
    } catch (IOException e) {
      nextTry = System.nanoTime() + PAUSE_NANOS;
      if (!room.isLackedBy(e)) {
        acceptance.end(e);
      }
      throw e;
    }
  }

  /** Nothing is written to the current segment any more. */
  void writeFailed(IOException why) {
    broken = true;
    unclear = true;
    if (!room.isLackedBy(why)) {
      acceptance.end(why);
    }
  }

  /** How much of a write was made is not known: nothing is built on this segment any more. */
  void defect(IOException why) {
    broken = true;
    lostTrack(why);
  }

  /** What was told as failed may be written, and be on disk with whatever is synced next. */
  void lostTrack(IOException why) {
    unclearForGood = true;
    acceptance.end(why);
  }

  /** After a failed sync, of which the kernel tells once only: what it covered counts as lost. */
  void syncFailed(IOException why) {
    unclear = true;
    acceptance.end(why);
    end.seal();
    tryReopen();
  }

  /**
   * After a failed write, by whomever: all before it is synced, and the next segment's header says
   * where it ended, so that nothing of what failed comes back at the next start.
   */
  private void reopen() throws IOException {
    if (nextTry != 0 && System.nanoTime() - nextTry < 0) {
      throw new IOException("no segment of the log can be written now");
    }
    Segment segment = end.current();
    if (segment != null && end.dirty()) {
      try {
        syncCurrent(segment);
      } catch (IOException e) {
        acceptance.end(e);
      }
    }
    end.seal();
    open(true);
  }

  void tryReopen() {
    try {
      reopen();
    } catch (IOException e) {
      LOG.error("no new segment of the log can be written: {}", e.toString());
    }
  }
}
