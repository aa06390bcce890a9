package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * New segments. Writing into a file whose octets are there already spares each sync a commit of the
 * file system's journal, so one is made ready beside the log: of a segment that is gone, or filled
 * with zeros. Where none is ready, a file that grows serves as well.
 */
final class Supply {
  private static final Logger LOG = LoggerFactory.getLogger(Supply.class);
  private static final int ZEROS = 1 << 20;

  private final Disk disk;
  private final Layout layout;
  private final int segmentOctets;
  private final UUID spool;
  private final Acceptance acceptance;
  private long nextId; // guarded by this
  private long begun; // guarded by this
  private @Nullable Ready ready; // guarded by this
  private @Nullable Segment spare; // only the housekeeper's

  /** A file with the header of a segment that nothing was appended to. */
  private record Ready(Segment segment, boolean recycled) {}

  /** A segment that counts as soon as it has its header. */
  record Begun(Segment segment, SegmentHeader header) {}

  Supply(
      Disk disk, Layout layout, int segmentOctets, UUID spool, long nextId, Acceptance acceptance) {
    this.disk = disk;
    this.layout = layout;
    this.segmentOctets = segmentOctets;
    this.spool = spool;
    this.nextId = nextId;
    this.acceptance = acceptance;
  }

  int segmentOctets() {
    return segmentOctets;
  }

  synchronized boolean isReady() {
    return ready != null;
  }

  private synchronized long id() {
    return nextId++;
  }

  /**
   * What is ready; null where nothing is, and then {@link #begun} is the number of a file that
   * grows: in one step, so that nothing of a lower number becomes ready in between.
   */
  private synchronized @Nullable Ready take() {
    Ready taken = ready;
    ready = null;
    if (taken == null) {
      begun = nextId++;
    }
    return taken;
  }

  private synchronized long begun() {
    return begun;
  }

  /**
   * Begins a segment. Its name is on disk when this returns; its header is still to be written.
   *
   * @param before the segment it follows, null for the first of all
   */
  Begun begin(@Nullable Segment before) throws IOException {
    Ready taken = take();
    Segment segment;
    if (taken == null) {
      long id = begun(); // one thread begins at a time, under the log's lock
      segment = new Segment(id, before == null ? 0 : before.id, layout.log(id), disk);
      try {
        segment.log();
        acceptance.syncFolder(disk, layout.segments());
      } catch (IOException e) {
        abandon(segment);
        throw e;
      }
    } else {
      Segment made = taken.segment;
      segment = new Segment(made.id, before == null ? 0 : before.id, made.file, disk);
      segment.size = made.size;
      made.close();
    }
    SegmentHeader header =
        new SegmentHeader(
            segment.id,
            true,
            taken != null && taken.recycled,
            segment.before,
            before == null ? 0 : before.end,
            spool);
    segment.end = SegmentHeader.OCTETS;
    segment.size = Math.max(segment.size, segment.end);
    segment.records = new SidecarForm();
    return new Begun(segment, header);
  }

  /** Removes a segment whose beginning failed, so that the next start finds no trace of it. */
  void abandon(Segment segment) {
    try {
      segment.close();
      disk.delete(segment.file);
      acceptance.syncFolder(disk, layout.segments());
    } catch (IOException e) {
      LOG.warn("{} can't be removed: {}", segment.file, e.toString());
    }
  }

  /** Takes a segment that is gone from the index in place of unlinking it; false: not wanted. */
  boolean keep(Segment gone) throws IOException {
    if (spare != null || gone.size < segmentOctets / 16 * 15) {
      return false;
    }
    disk.rename(gone.file, layout.spare(gone.id));
    spare = gone;
    return true;
  }

  /** Makes the next segment ready, where none is. */
  void refill(boolean roomy) throws IOException {
    if (isReady()) {
      return;
    }
    if (spare != null) {
      Segment used = spare;
      spare = null;
      prepare(used);
    } else if (roomy) {
      prepare(null);
    }
  }

  private void prepare(@Nullable Segment old) throws IOException {
    long id = id();
    Segment segment = new Segment(id, 0, layout.log(id), disk);
    try {
      if (old == null) {
        fill(segment);
      } else {
        disk.rename(layout.spare(old.id), segment.file);
        segment.size = old.size;
      }
      SegmentHeader header = new SegmentHeader(id, false, old != null, 0, 0, spool);
      segment.log().write(ByteBuffer.wrap(header.encode()), 0);
      segment.log().sync();
      acceptance.syncFolder(disk, layout.segments());
    } catch (IOException e) {
      // If it was the file's own sync: with the file goes all that the kernel may have lost.
      segment.close();
      disk.delete(segment.file);
      if (old != null) { // where it has its name still
        disk.delete(layout.spare(old.id));
      }
      throw e;
    }
    if (!offer(new Ready(segment, old != null))) {
      segment.close();
      disk.rename(segment.file, layout.spare(id));
      spare = segment;
    }
  }

  /** Refused where a segment with a higher number was begun meanwhile: numbers tell the order. */
  private synchronized boolean offer(Ready made) {
    if (made.segment.id < begun) {
      return false;
    }
    ready = made;
    return true;
  }

  private void fill(Segment segment) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(ZEROS, segmentOctets));
    long at = 0;
    while (at < segmentOctets) {
      segment.log().write(zeros.clear(), at);
      at += zeros.capacity();
    }
    segment.size = at;
  }

  /** Gives back what is not in use. */
  void drop() throws IOException {
    Ready unused;
    synchronized (this) {
      unused = ready;
      ready = null;
    }
    if (unused != null) {
      unused.segment.close();
      disk.delete(unused.segment.file);
    }
    if (spare != null) {
      disk.delete(layout.spare(spare.id));
      spare = null;
    }
  }

  /** Octets of files that are not in use. */
  synchronized long octets() {
    return ready == null ? 0 : ready.segment.size;
  }
}
