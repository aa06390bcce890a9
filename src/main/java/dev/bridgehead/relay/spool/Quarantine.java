package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps copies of what could not be read, for a person. */
final class Quarantine {
  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  /** More torn ends of unacknowledged writes are kept for nobody. */
  private static final int MOST_TORN = 16;

  private final Disk disk;
  private final Layout layout;
  private final Acceptance acceptance;

  Quarantine(Disk disk, Layout layout, Acceptance acceptance) {
    this.disk = disk;
    this.layout = layout;
    this.acceptance = acceptance;
  }

  /**
   * Copies a part of a segment; durable when this returns. Again after a crash: the same copy.
   *
   * @return false where it can't be copied, on a full disk for one: a damaged part must stay where
   *     it is, a torn one was promised to nobody
   */
  boolean keep(Segment segment, SegmentScan.Part part, String kind) throws IOException {
    Path copy = layout.quarantined(segment.id, part.from(), kind);
    try {
      copy(segment, part, copy);
    } catch (IOException e) {
      disk.delete(copy);
      LOG.error(
          "{} is {} from {} to {}, and no copy can be made of that: {}",
          segment.file,
          kind.substring(1),
          part.from(),
          part.to(),
          e.toString());
      return false;
    }
    if (kind.equals(Layout.TORN)) {
      LOG.warn(
          "{} ends in the middle of a write that nobody was told of: cut at {}, a copy is {}",
          segment.file,
          part.from(),
          copy);
      dropOldest();
    } else {
      LOG.error(
          "{} is damaged from {} to {}: the messages there are not delivered, a copy is {}",
          segment.file,
          part.from(),
          part.to(),
          copy);
    }
    return true;
  }

  private void copy(Segment segment, SegmentScan.Part part, Path copy) throws IOException {
    disk.delete(copy);
    try (Disk.NewFile file = disk.create(copy)) {
      byte[] octets = new byte[64 << 10];
      for (int at = part.from(); at < part.to(); ) {
        int count = segment.log().read(octets, 0, Math.min(octets.length, part.to() - at), at);
        if (count < 0) {
          break;
        }
        file.write(octets, 0, count);
        at += count;
      }
      file.sync();
    }
    acceptance.syncFolder(disk, layout.quarantine());
  }

  /** Moves a segment without a header here, as long as it is: that needs no room. */
  void setAside(Pieces.Headless torn) throws IOException {
    Segment segment = torn.segment();
    Path kept = layout.quarantined(segment.id, 0, Layout.TORN);
    try {
      segment.log().truncate(torn.end());
      segment.log().sync();
      segment.close();
      disk.rename(segment.file, kept);
      acceptance.syncFolder(disk, layout.quarantine());
      acceptance.syncFolder(disk, layout.segments());
    } catch (IOException e) { // it stays, counts for nothing, and the next start tries again
      LOG.error("{} has no header, and can't be set aside: {}", segment.file, e.toString());
      segment.close();
      return;
    }
    LOG.warn(
        "{} has no header, and nothing in it is known to have been on disk: it is {} now",
        segment.file,
        kept);
    dropOldest();
  }

  private void dropOldest() throws IOException {
    List<Path> torn = files(disk, layout, Layout.TORN);
    for (Path file : torn.subList(0, Math.max(0, torn.size() - MOST_TORN))) {
      disk.delete(file);
    }
  }

  /** How many parts, of what was once accepted, wait for a person. */
  static int count(Disk disk, Layout layout) throws IOException {
    return files(disk, layout, Layout.DAMAGED).size() + files(disk, layout, Layout.BODY).size();
  }

  private static List<Path> files(Disk disk, Layout layout, String kind) throws IOException {
    return disk.list(layout.quarantine()).stream()
        .filter(file -> file.toString().endsWith(kind))
        .toList();
  }
}
