package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One record on its way into the log, and what follows from it. Made by the thread that waits for
 * it; the callbacks run under the log's lock, in the order of the log.
 */
abstract class Append {
  private final Thread waiting = Thread.currentThread();

  /** In the stack of those that wait to be written. */
  @Nullable Append next;

  /** What was written last, and where; null before. */
  @Nullable Entry entry;

  @Nullable Segment segment;

  private volatile boolean settled;
  private @Nullable IOException failure;

  /** Whether it is written even while the relay takes no mail, and may use the reserve. */
  boolean reserved() {
    return true;
  }

  /** Whether it repeats what the log says: it must not follow an outcome of the same batch. */
  boolean copy() {
    return false;
  }

  /**
   * The record, as it is at this offset of this segment; null where there is nothing to write any
   * more.
   */
  abstract @Nullable Entry at(Segment in, int offset);

  Chunks content() {
    return Chunks.NONE;
  }

  /** The kernel has it, as this record of this segment. */
  void written(Segment in, Entry as) {}

  /** It is on disk, where it was written last. */
  void durable(Segment in, Entry as) {}

  /** It was written, and the sync failed: it counts as never written. */
  void lost() {}

  final void placed(Segment in, Entry as) {
    segment = in;
    entry = as;
    written(in, as);
  }

  final void synced() {
    if (segment != null && entry != null) {
      durable(segment, entry);
    }
  }

  boolean settled() {
    return settled;
  }

  void settle(@Nullable IOException why) {
    failure = why;
    settled = true;
    LockSupport.unpark(waiting);
  }

  /** Waits, deaf to interrupts: half a commit is none. */
  void await() throws IOException {
    boolean interrupted = false;
    while (!settled) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    rethrow();
  }

  /** To be called once settled. */
  void rethrow() throws IOException {
    if (failure instanceof SpoolFullException full) {
      throw new SpoolFullException(String.valueOf(full.getMessage()));
    }
    if (failure != null) {
      // One failure fails a batch: each of its threads throws its own.
      throw new IOException(failure.getMessage(), failure);
    }
  }
}
