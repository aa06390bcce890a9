package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to the log. Messages are written and synced by one thread, everything that waits in one
 * write and one sync (group commit); outcomes are written by whoever brings them, also while a sync
 * runs, and synced with the next batch or within a second. The lock guards the log's end and the
 * index; no sync is made under it but at the change of segments.
 */
final class LogWriter {
  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
  private static final int OUTCOME_BUFFER = 16 << 10;
  private static final int RECORD_WITHOUT_CONTENT = 256;

  /** A batch is cut here: nobody waits longer than it takes to write this much. */
  private static final int LARGE_BATCH = 8 << 20;

  /** An outcome is on disk after two of these at the latest, and so is a mark on idle. */
  private static final long TICK_NANOS = 450_000_000L;

  private final ReentrantLock lock;
  private final LogEnd end;
  private final Turnover turnover; // guarded by the lock, but for what it says of itself
  private final Acceptance acceptance;
  private final int largeBatch;
  private final Room room;
  private final SpoolMetrics metrics;
  private final AppendStack commits = new AppendStack();
  private final AppendStack outcomes = new AppendStack();
  private final ByteBuffer outcomeBuffer = ByteBuffer.allocate(OUTCOME_BUFFER);

  private List<Append> left = List.of(); // only the writing thread's
  private volatile boolean closed;
  private volatile boolean idle;
  private volatile @Nullable Thread thread;

  LogWriter(
      ReentrantLock lock,
      LogEnd end,
      int segmentOctets,
      Room room,
      Acceptance acceptance,
      SpoolMetrics metrics) {
    this.lock = lock;
    this.end = end;
    this.turnover = new Turnover(end, room, acceptance);
    this.acceptance = acceptance;
    this.largeBatch = Math.min(LARGE_BATCH, segmentOctets);
    this.room = room;
    this.metrics = metrics;
  }

  /**
   * Begins the first segment.
   *
   * @return false where there is no room for one: it is begun as soon as there is
   */
  boolean begin() throws IOException {
    lock.lock();
    try {
      return turnover.start();
    } finally {
      lock.unlock();
    }
  }

  /** Begins the thread; without one, whoever commits writes and syncs. */
  void start(boolean threaded) {
    if (threaded) {
      Thread writer = Thread.ofPlatform().name("spool-writer").daemon().unstarted(this::work);
      thread = writer;
      writer.start();
    }
  }

  /** Leaves it to the writing thread to write and sync a record. */
  void submit(Append append) {
    commits.push(append);
    if (closed) { // nobody takes it any more
      commits.takeAll().forEach(each -> each.settle(new IOException("the spool is closed")));
    } else if (idle) {
      LockSupport.unpark(thread);
    }
  }

  /** Writes and syncs a record. */
  void commit(Append append) throws IOException {
    submit(append);
    settle(append);
  }

  /** Waits for what was submitted. */
  void settle(Append append) throws IOException {
    if (thread == null) {
      while (!append.settled()) {
        round();
      }
    }
    append.await();
  }

  /** Returns once everything written before is on disk. */
  void sync() throws IOException {
    if (!closed && rests()) { // on a full disk none can be begun, and what is free must still go
      return;
    }
    commit(
        new Append() {
          @Override
          @Nullable Entry at(Segment in, int offset) {
            return null;
          }
        });
  }

  private boolean rests() {
    lock.lock();
    try {
      return end.rests();
    } finally {
      lock.unlock();
    }
  }

  /** Writes a record, and returns once the kernel has it. On whatever thread. */
  void write(Append outcome) throws IOException {
    outcomes.push(outcome);
    lock.lock();
    try {
      if (!outcome.settled()) { // else whoever had the lock before wrote it as well
        writeOutcomes();
      }
    } finally {
      lock.unlock();
    }
    outcome.rethrow();
  }

  private void writeOutcomes() {
    List<Append> batch = outcomes.takeAll();
    IOException failure = null;
    try {
      Segment segment = usable();
      try {
        end.write(batch, new Assembly(outcomeBuffer, segment.log()));
        batch.forEach(end::remember);
      } catch (IOException e) {
        // The writing thread goes on in another segment: this one may be interrupted.
        turnover.writeFailed(e);
        LockSupport.unpark(thread);
        throw e;
      }
    } catch (IOException e) {
      failure = room.explained(e);
    } catch (RuntimeException | Error e) {
      // Told as a failure to all of them, this thread's included: none may take it for stored.
      LOG.error("a defect in the spool", e);
      failure = new IOException("a defect: " + e, e);
      turnover.defect(failure);
      LockSupport.unpark(thread);
    } finally {
      for (Append each : batch) {
        each.settle(failure);
      }
    }
  }

  private Segment usable() throws IOException {
    if (closed) {
      throw new IOException("the spool is closed");
    }
    Segment segment = turnover.usable();
    if (segment == null) {
      throw new IOException("no segment of the log can be written now");
    }
    return segment;
  }

  private void work() {
    while (!closed) {
      idle = true;
      if (commits.isEmpty() && left.isEmpty() && !closed) {
        LockSupport.parkNanos(this, TICK_NANOS);
      }
      idle = false;
      try {
        if (commits.isEmpty() && left.isEmpty()) {
          tick();
        } else {
          round();
        }
      } catch (RuntimeException | Error e) {
        LOG.error("a defect in the spool", e);
        acceptance.end(new IOException("a defect: " + e, e));
      }
    }
  }

  /** When nothing waits: syncs what outcomes wrote, then says in the log that all is on disk. */
  void tick() {
    lock.lock();
    try {
      boolean clean = turnover.usable() != null && !end.dirty();
      if (clean && end.wantsMark()) {
        end.mark();
      }
      if (clean && !end.dirty() && !end.full(0)) {
        return;
      }
    } catch (IOException e) {
      turnover.writeFailed(e);
    } finally {
      lock.unlock();
    }
    try {
      writeAndSync(List.of());
    } catch (IOException e) {
      LOG.debug("nothing can be written now: {}", e.toString());
    }
  }

  /** Writes and syncs all that waits, or as much as is good for one batch. */
  void round() {
    List<Append> batch = new ArrayList<>(left);
    batch.addAll(commits.takeAll());
    left = List.of();
    batch.removeIf(this::refused);
    if (batch.isEmpty()) {
      return;
    }
    // A copy's last look sees nothing of its own batch: it goes before whatever may end its
    // message.
    batch.sort(Comparator.comparing(each -> !each.copy()));
    batch = limited(batch);
    IOException failure = null;
    try {
      writeAndSync(batch);
    } catch (IOException e) {
      failure = room.explained(e);
    } catch (RuntimeException | Error e) {
      failure = new IOException("a defect: " + e, e);
      throw e;
    } finally {
      for (Append each : batch) {
        each.settle(failure);
      }
    }
  }

  private boolean refused(Append append) {
    IOException why = closed ? new IOException("the spool is closed") : acceptance.ended();
    if (why == null || append.reserved() && !closed) {
      return false;
    }
    append.settle(why);
    return true;
  }

  private List<Append> limited(List<Append> batch) {
    long octets = 0;
    for (int i = 0; i < batch.size(); i++) {
      octets += batch.get(i).content().length();
      if (octets > largeBatch && i > 0) {
        left = List.copyOf(batch.subList(i, batch.size()));
        return batch.subList(0, i);
      }
    }
    return batch;
  }

  private void writeAndSync(List<Append> batch) throws IOException {
    Segment segment;
    int upTo;
    lock.lock();
    try {
      segment = turnover.ready(octets(batch));
      try {
        end.write(batch, end.assembly(segment));
      } catch (IOException e) {
        turnover.writeFailed(e);
        turnover.tryReopen();
        throw e;
      } catch (RuntimeException | Error e) {
        turnover.defect(new IOException("a defect: " + e, e));
        throw e;
      }
      upTo = end.written();
      if (!end.dirty()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    long begun = System.nanoTime();
    try {
      segment.log().sync();
    } catch (IOException e) {
      lost(e, batch);
      throw e;
    } catch (RuntimeException | Error e) {
      turnover.lostTrack(new IOException("a defect: " + e, e));
      throw e;
    }
    if (!batch.isEmpty()) {
      metrics.synced(System.nanoTime() - begun, batch.size());
    }
    lock.lock();
    try {
      end.durableUpTo(upTo);
      batch.forEach(Append::synced);
    } finally {
      lock.unlock();
    }
  }

  private static int octets(List<Append> batch) {
    return batch.stream().mapToInt(each -> each.content().length() + RECORD_WITHOUT_CONTENT).sum();
  }

  private void lost(IOException why, List<Append> batch) {
    lock.lock();
    try {
      for (Append each : batch) {
        if (each.entry != null) {
          each.lost();
        }
      }
      turnover.syncFailed(why);
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing that failed comes back at a start. */
  boolean failuresAreFinal() {
    return turnover.failuresAreFinal();
  }

  /** Syncs everything and ends the thread. What comes later is refused. */
  void close() throws IOException {
    try {
      sync();
    } finally {
      closed = true;
      Thread writer = thread;
      if (writer != null) {
        LockSupport.unpark(writer);
        Threads.join(writer);
      }
      round(); // refuses what came too late
      lock.lock();
      try {
        if (turnover.usable() != null && !end.dirty()) {
          end.seal();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
