package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start finds: the segments in the order of their numbers, replayed into an index. Whatever
 * a crash left is brought to an end before anything is appended; doing it twice does no harm.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Disk disk;
  private final Layout layout;
  private final Index index;
  private final Quarantine quarantine;
  private final Replay replay;

  private boolean damaged;
  private int notKept;

  Recovery(Disk disk, Layout layout, Index index, Acceptance acceptance) {
    this.disk = disk;
    this.layout = layout;
    this.index = index;
    this.quarantine = new Quarantine(disk, layout, acceptance);
    this.replay = new Replay(index);
  }

  /**
   * What the log begins with.
   *
   * @param last the newest segment, null where there is none
   * @param nextId the first number that was never used
   * @param notKept damaged parts of which no copy could be made: they stay where they are
   */
  record Found(@Nullable Segment last, long nextId, UUID spool, int notKept) {}

  Found run() throws IOException {
    for (Path folder : List.of(layout.segments(), layout.bodies(), layout.quarantine())) {
      disk.createFolder(folder);
    }
    // What a killed process left in the kernel's memory reads as if it were on disk.
    certain(() -> disk.syncFolder(layout.segments()), layout.segments());
    Pieces.Found found = Pieces.find(disk, layout);
    List<Piece> pieces = found.pieces();
    for (Path file : found.unused()) {
      disk.delete(file);
    }
    if (!found.unused().isEmpty()) { // only the next segment's header says that one was given up
      certain(() -> disk.syncFolder(layout.segments()), layout.segments());
    }
    for (Pieces.Headless each : found.headless()) {
      quarantine.setAside(each);
    }
    removeLoneSidecars(pieces);
    UUID spool =
        pieces.stream()
            .filter(piece -> !piece.headerDamaged())
            .map(piece -> piece.header().spool())
            .findFirst()
            .orElseGet(UUID::randomUUID);
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      if (piece.headerDamaged()) {
        damaged(piece.segment(), new SegmentScan.Part(0, SegmentHeader.OCTETS));
      }
      replay(piece, i == pieces.size() - 1);
      if (piece.headerDamaged()) {
        mendHeader(piece.segment(), i == 0 ? null : pieces.get(i - 1).segment(), spool);
      }
    }
    bodies();
    return new Found(
        pieces.isEmpty() ? null : pieces.getLast().segment(), found.highest() + 1, spool, notKept);
  }

  /**
   * What said that a segment without a header was on disk may go, be it the next segment or a batch
   * that is cut: the next start must not take it for one that nobody was told of.
   */
  private void mendHeader(Segment segment, @Nullable Segment before, UUID spool)
      throws IOException {
    if (segment.held()) {
      return; // what is there is not copied yet
    }
    SegmentHeader header =
        before == null
            ? new SegmentHeader(segment.id, true, true, 0, 0, spool)
            : new SegmentHeader(segment.id, true, true, before.id, before.end, spool);
    segment.log().write(ByteBuffer.wrap(header.encode()), 0);
    certain(segment.log()::sync, segment.file);
    segment.close();
  }

  private void damaged(Segment segment, SegmentScan.Part part) throws IOException {
    damaged = true;
    if (!quarantine.keep(segment, part, Layout.DAMAGED)) {
      List<SegmentScan.Part> parts = new ArrayList<>(segment.uncopied);
      parts.add(part);
      segment.uncopied = parts;
      segment.triedAt = System.nanoTime();
      notKept++;
    }
  }

  private void removeLoneSidecars(List<Piece> pieces) throws IOException {
    Set<Long> ids = new HashSet<>();
    pieces.forEach(piece -> ids.add(piece.segment().id));
    for (Path file : disk.list(layout.segments())) {
      if (file.toString().endsWith(Layout.SIDECAR) && !ids.contains(Layout.number(file))) {
        disk.delete(file);
      }
    }
  }

  private void replay(Piece piece, boolean newest) throws IOException {
    Segment segment = piece.segment();
    index.add(segment);
    segment.sealed = true;
    segment.sealedAt = System.nanoTime();
    byte[] sidecar = SidecarForm.read(disk, layout.sidecar(segment.id), segment.id, segment.end);
    SidecarForm scanned = null;
    if (sidecar != null) {
      SidecarForm.forEach(sidecar, entry -> replay.take(segment, entry));
    } else {
      scanned = scan(piece, newest);
    }
    if (segment.size > segment.end) {
      segment.log().truncate(segment.end);
      segment.size = segment.end;
    }
    // Also where nothing is cut now: the cut may be in the kernel's memory only, and the header
    // that says where this one ends may go.
    certain(segment.log()::sync, segment.file);
    segment.close(); // opened again by who reads it: there may be thousands
    segment.cut = true;
    if (scanned != null && !segment.held()) {
      scanned.write(disk, layout.sidecar(segment.id), segment); // now: they may be many
    }
  }

  private interface Sync {
    void run() throws IOException;
  }

  /** What is believed from here on must be on disk before anything goes because of it. */
  private static void certain(Sync sync, Path what) throws IOException {
    try {
      sync.run();
    } catch (IOException e) {
      throw new IOException(
          "%s can't be synced (%s): nothing is delivered before its disk works"
              .formatted(what, e.getMessage()),
          e);
    }
  }

  private SidecarForm scan(Piece piece, boolean newest) throws IOException {
    Segment segment = piece.segment();
    SidecarForm records = new SidecarForm();
    SegmentText text = new SegmentText(segment.log(), segment.id, segment.end);
    SegmentScan.Found found =
        new SegmentScan(
                text,
                newest,
                piece.header().recycled(),
                entry -> {
                  records.add(entry);
                  replay.take(segment, entry);
                })
            .run();
    for (SegmentScan.Part part : found.damaged()) {
      damaged(segment, part);
    }
    if (found.torn() != null) {
      quarantine.keep(segment, found.torn(), Layout.TORN);
    }
    segment.end = found.end();
    return records;
  }

  /** Bodies that no message names go; after damage, which may have hidden who named them, aside. */
  private void bodies() throws IOException {
    Set<Path> wanted = new HashSet<>();
    for (Live live : index.all()) {
      if (live.body) {
        wanted.add(layout.body(live.id));
      }
    }
    for (Path file : disk.list(layout.bodies())) {
      if (wanted.remove(file)) {
        continue;
      }
      if (damaged || Quarantine.count(disk, layout) > 0) {
        setAside(file);
      } else {
        disk.delete(file);
      }
    }
    for (Path missing : wanted) {
      LOG.error("{} is missing: its message can't be delivered", missing);
    }
  }

  private void setAside(Path body) {
    try {
      disk.rename(body, layout.quarantine().resolve(body.getFileName()));
    } catch (IOException e) { // it stays, and the next start tries again
      LOG.error("{} can't be set aside: {}", body, e.toString());
    }
  }
}
