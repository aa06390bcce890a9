package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back what the log does not need any more, on a thread of its own: bodies, then segments, in
 * whatever order they become free; has segments copied where little is left in them; writes
 * sidecars; keeps a segment ready. After a failure of the disk it touches nothing until a restart.
 */
final class Housekeeper {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
  private static final long ROUND_NANOS = 500_000_000L;

  /** After a failure: what a full disk needs is less to write, the log included. */
  private static final long FAILED_NANOS = 5_000_000_000L;

  /** Most segments are free soon: what is done for those that stay waits so long. */
  private static final long STAYS_NANOS = 3_000_000_000L;

  /** What could not be read is tried again after so many of them: an hour. */
  private static final long AGAIN_STAYS = 1200;

  /** What could not be copied for lack of room is tried again after so many: a minute. */
  private static final long COPY_AGAIN_STAYS = 20;

  private final Disk disk;
  private final Layout layout;
  private final Index index;
  private final Supply supply;
  private final Room room;
  private final Acceptance acceptance;
  private final Quarantine quarantine;
  private final ReentrantLock lock;
  private final Queue<Live> unusedBodies = new ConcurrentLinkedQueue<>();
  private @Nullable LogWriter writer;
  private @Nullable Mover mover;
  private volatile @Nullable Thread thread;
  private volatile boolean stopping;

  /** What the start found is with the queue: moving it before would hide it. */
  private volatile boolean mayMove;

  Housekeeper(
      Disk disk,
      Layout layout,
      Index index,
      Supply supply,
      Room room,
      Acceptance acceptance,
      ReentrantLock lock) {
    this.disk = disk;
    this.layout = layout;
    this.index = index;
    this.supply = supply;
    this.room = room;
    this.acceptance = acceptance;
    this.quarantine = new Quarantine(disk, layout, acceptance);
    this.lock = lock;
  }

  void start(LogWriter log, boolean threaded) {
    writer = log;
    mover = new Mover(disk, layout, index, log, lock);
    if (threaded) {
      Thread keeper = Thread.ofPlatform().name("spool-keeper").daemon().unstarted(this::work);
      thread = keeper;
      keeper.start();
    }
  }

  /** The queue knows all messages. */
  void handedOver() {
    mayMove = true;
  }

  /** A segment was sealed. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** The outcome of a message with a body is on disk. */
  void bodyUnused(Live live) {
    unusedBodies.add(live);
  }

  private void work() {
    long pause = ROUND_NANOS;
    while (!stopping) {
      LockSupport.parkNanos(this, pause);
      try {
        pause = ROUND_NANOS;
        round(STAYS_NANOS);
      } catch (IOException e) {
        pause = FAILED_NANOS;
        LOG.warn("the spool can't be tidied up now: {}", e.toString());
      } catch (RuntimeException | Error e) { // without this thread the disk would only fill
        LOG.error("a defect in the spool's tidying up", e);
      }
    }
  }

  /**
   * One round.
   *
   * @param stays nanoseconds after which a sealed segment is expected to stay
   */
  void round(long stays) throws IOException {
    LogWriter log = Objects.requireNonNull(writer);
    if (acceptance.ended() != null) {
      sealed().forEach(segment -> segment.records = null); // no round will write them
      return;
    }
    if (stopping) {
      return;
    }
    removeBodies();
    long now = System.nanoTime();
    copyDamaged(now, stays);
    // The hand-over reads the segments: none goes before.
    while (mayMove && releaseFree(log)) {
      // What one pinned may be free now.
    }
    for (Segment segment : sealed()) {
      if (now - segment.sealedAt >= stays) {
        settle(segment);
      }
    }
    boolean tight = !room.roomy(4L * supply.segmentOctets());
    refill(tight); // first: on a full disk the log may wait for it, and copying for the log
    Segment move = mayMove ? candidate(tight, now, stays) : null;
    if (move != null && !stopping) {
      move(move, !tight);
      releaseFree(log);
    }
  }

  /** Looked up under the lock: what was written of them before they were sealed is seen. */
  private List<Segment> sealed() {
    lock.lock();
    try {
      return index.segments().stream().filter(segment -> segment.sealed).toList();
    } finally {
      lock.unlock();
    }
  }

  /** What a start found damaged, and could not copy: once there is a copy, the segment may go. */
  private void copyDamaged(long now, long stays) throws IOException {
    for (Segment segment : sealed()) {
      if (segment.held() && (now - segment.triedAt) / COPY_AGAIN_STAYS >= stays) {
        segment.triedAt = now;
        List<SegmentScan.Part> left = new ArrayList<>();
        for (SegmentScan.Part part : segment.uncopied) {
          boolean kept =
              part.to() - part.from() <= room.forCopies()
                  && quarantine.keep(segment, part, Layout.DAMAGED);
          if (!kept) {
            left.add(part);
          }
        }
        lock.lock();
        try {
          segment.uncopied = left;
        } finally {
          lock.unlock();
        }
      }
    }
  }

  /** One that can't be read stays, and the others take their turns. */
  private void move(Segment segment, boolean gently) throws IOException {
    Mover copies = Objects.requireNonNull(mover);
    if (!segment.superseded) {
      segment.triedAt = System.nanoTime();
      try {
        copies.requireReadable(segment);
        segment.unreadable = false;
      } catch (IOException e) {
        segment.unreadable = true;
        LOG.error("{} is not given back, for it can't be copied: {}", segment.file, e.toString());
        return;
      }
    }
    copies.move(segment, gently);
  }

  private void removeBodies() throws IOException {
    for (Live live = unusedBodies.peek(); live != null; live = unusedBodies.peek()) {
      disk.delete(layout.body(live.id)); // where that fails the next round tries again
      index.bodyGone(live.size);
      unusedBodies.remove();
    }
  }

  private boolean releaseFree(LogWriter log) throws IOException {
    List<Segment> free = new ArrayList<>();
    lock.lock();
    try {
      boolean halfMoved = index.segments().stream().anyMatch(each -> each.superseded);
      for (Segment segment : index.segments()) {
        if (segment.sealed && segment.free() && (!halfMoved || segment.superseded)) {
          free.add(segment);
        }
      }
    } finally {
      lock.unlock();
    }
    if (free.isEmpty()) {
      return false;
    }
    // What freed them must be on disk first: the outcomes that replaced theirs.
    log.sync();
    if (acceptance.ended() != null) {
      return false;
    }
    for (Iterator<Segment> each = free.iterator(); each.hasNext(); ) {
      release(each.next());
    }
    return true;
  }

  /** Each step is on disk before the next. */
  private void release(Segment segment) throws IOException {
    Segment before = index.segment(segment.before);
    if (before != null) {
      cut(before); // only this segment's header says where that one ends
    }
    disk.delete(layout.sidecar(segment.id));
    boolean unused = segment.retire();
    if (!unused || !supply.keep(segment)) {
      disk.delete(segment.file);
    }
    // If that fails it may come back at the next start: what ended its messages must not go now.
    acceptance.syncFolder(disk, layout.segments());
    lock.lock();
    try {
      index.remove(segment);
    } finally {
      lock.unlock();
    }
  }

  private void cut(Segment segment) throws IOException {
    if (!segment.cut) {
      if (segment.size > segment.end) {
        segment.log().truncate(segment.end);
        try {
          segment.log().sync();
        } catch (IOException e) {
          // The kernel tells once: a second sync would prove nothing, and what follows needs it.
          acceptance.end(e);
          throw e;
        }
        segment.size = segment.end;
      }
      segment.cut = true;
    }
  }

  /** For a segment that stays: no room behind its end, and a sidecar. */
  private void settle(Segment segment) throws IOException {
    cut(segment);
    SidecarForm records = segment.records;
    if (records != null) {
      records.write(disk, layout.sidecar(segment.id), segment);
      segment.records = null;
    }
  }

  /**
   * The segment that gives back most for what must be copied; a half-copied one before all. Where
   * room is short, also where less is to be won.
   */
  private @Nullable Segment candidate(boolean tight, long now, long stays) throws IOException {
    long left = room.forCopies();
    lock.lock();
    try {
      Segment best = null;
      double least = tight ? 0.9 : 0.5;
      List<Segment> segments = index.segments();
      long inHand = supply.octets() + segments.stream().mapToLong(Segment::unwritten).sum();
      for (Segment segment : segments) {
        boolean triedLately = segment.unreadable && (now - segment.triedAt) / AGAIN_STAYS < stays;
        // Half-copied it would fill the disk, and with no room for outcomes nothing ever goes.
        boolean fits = segment.pinned() <= inHand || segment.pinned() - inHand <= left;
        if (!segment.sealed || segment.held() || triedLately || !fits) {
          continue;
        }
        if (segment.superseded) {
          return segment;
        }
        boolean tiny = segments.size() > 32 && segment.size < supply.segmentOctets() / 16;
        double share = tiny ? 0.25 : (double) segment.pinned() / Math.max(1, segment.end);
        if (share < least && (tight || now - segment.sealedAt >= 10 * stays)) {
          best = segment;
          least = share;
        }
      }
      return best;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A segment is made ready once the log is really written to, or can't be: on a full disk the log
   * goes on only in a segment that went.
   */
  private void refill(boolean tight) throws IOException {
    boolean wanted = false;
    boolean begun = false;
    lock.lock();
    try {
      for (Segment segment : index.segments()) {
        wanted |= !segment.sealed && segment.end > supply.segmentOctets() / 64;
        begun |= !segment.sealed;
      }
    } finally {
      lock.unlock();
    }
    wanted |= !begun;
    if (wanted && !stopping) {
      supply.refill(!tight);
    }
  }

  /** No round begins any more; one under way ends. */
  void stop() {
    stopping = true;
    Thread keeper = thread;
    if (keeper != null) {
      LockSupport.unpark(keeper);
      Threads.join(keeper);
    }
  }

  /** After the log's end: leaves all segments such that the next start reads no contents. */
  void close() throws IOException {
    IOException failure = null;
    if (acceptance.ended() == null) {
      try {
        removeBodies();
        supply.drop();
        for (Segment segment : sealed()) {
          settle(segment);
        }
      } catch (IOException e) {
        failure = e;
      }
    }
    for (Segment segment : index.segments()) {
      segment.close();
    }
    if (failure != null) {
      throw failure;
    }
  }
}
