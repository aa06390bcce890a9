package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  /** States of messages that have not been seen yet: a message may have moved behind its state. */
  private final Map<QueueId, Stated> early = new HashMap<>();

  private record Stated(Segment segment, int offset, byte[] state) {}

  private @Nullable UUID spool;
  private boolean damaged;

  Recovery(Disk disk, Layout layout, Index index) {
    this.disk = disk;
    this.layout = layout;
    this.index = index;
    this.quarantine = new Quarantine(disk, layout);
  }

  /**
   * What the log begins with.
   *
   * @param last the newest segment, null where there is none
   * @param nextId the first number that was never used
   */
  record Found(@Nullable Segment last, long nextId, UUID spool) {}

  /** A segment of the log on disk. */
  private record Piece(Segment segment, SegmentHeader header, SegmentText text) {}

  Found run() throws IOException {
    for (Path folder : List.of(layout.segments(), layout.bodies(), layout.quarantine())) {
      disk.createFolder(folder);
    }
    long highest = 0;
    List<Piece> pieces = new ArrayList<>();
    for (Path file : disk.list(layout.segments())) {
      highest = Math.max(highest, Layout.number(file));
      String name = file.getFileName().toString();
      if (name.endsWith(Layout.SPARE)) {
        disk.delete(file);
      } else if (name.endsWith(Layout.LOG)) {
        Piece piece = piece(file);
        if (piece != null) {
          pieces.add(piece);
        }
      }
    }
    removeLoneSidecars(pieces);
    ends(pieces);
    for (int i = 0; i < pieces.size(); i++) {
      replay(pieces.get(i), i == pieces.size() - 1);
    }
    early.clear();
    bodies();
    return new Found(
        pieces.isEmpty() ? null : pieces.getLast().segment,
        highest + 1,
        spool == null ? UUID.randomUUID() : spool);
  }

  /** Null where nothing was ever appended; then the file goes. */
  private @Nullable Piece piece(Path file) throws IOException {
    long id = Layout.number(file);
    Segment segment = new Segment(id, 0, file, disk);
    segment.size = disk.size(file);
    SegmentText text = new SegmentText(segment.log(), id, (int) segment.size);
    SegmentHeader header = text.header();
    if (header == null && text.durable(SegmentHeader.OCTETS) > 0) {
      damaged = true; // the header was on disk
      quarantine.keep(segment, new SegmentScan.Part(0, SegmentHeader.OCTETS), Layout.DAMAGED);
      header = new SegmentHeader(id, true, true, 0, 0, new UUID(0, 0));
    }
    if (header == null || !header.used()) {
      segment.close();
      disk.delete(file);
      return null;
    }
    if (spool == null && header.spool().getMostSignificantBits() != 0) {
      spool = header.spool();
    }
    Segment known = new Segment(id, header.before(), file, disk);
    known.size = segment.size;
    known.end = (int) segment.size;
    segment.close();
    return new Piece(known, header, new SegmentText(known.log(), id, known.end));
  }

  private void removeLoneSidecars(List<Piece> pieces) throws IOException {
    Set<Long> ids = new HashSet<>();
    pieces.forEach(piece -> ids.add(piece.segment.id));
    for (Path file : disk.list(layout.segments())) {
      if (file.toString().endsWith(Layout.SIDECAR) && !ids.contains(Layout.number(file))) {
        disk.delete(file);
      }
    }
  }

  /** A segment that was followed by another ends where that one's header says. */
  private static void ends(List<Piece> pieces) {
    Map<Long, Segment> byId = new HashMap<>();
    pieces.forEach(piece -> byId.put(piece.segment.id, piece.segment));
    for (Piece piece : pieces) {
      Segment before = byId.get(piece.header.before());
      if (before != null) {
        before.end = Math.min(before.end, piece.header.beforeEnd());
      }
    }
  }

  private void replay(Piece piece, boolean newest) throws IOException {
    Segment segment = piece.segment;
    index.add(segment);
    segment.sealed = true;
    segment.sealedAt = System.nanoTime();
    byte[] sidecar = SidecarForm.read(disk, layout.sidecar(segment.id), segment.id, segment.end);
    if (sidecar != null) {
      SidecarForm.forEach(sidecar, entry -> take(segment, entry));
    } else {
      scan(piece, newest);
    }
    if (segment.size > segment.end) {
      segment.log().truncate(segment.end);
      segment.log().sync();
      segment.size = segment.end;
    }
    segment.cut = true;
  }

  private void scan(Piece piece, boolean newest) throws IOException {
    Segment segment = piece.segment;
    SidecarForm records = new SidecarForm();
    SegmentText text = new SegmentText(segment.log(), segment.id, segment.end);
    SegmentScan.Found found =
        new SegmentScan(
                text,
                newest,
                piece.header.recycled(),
                entry -> {
                  records.add(entry);
                  take(segment, entry);
                })
            .run();
    for (SegmentScan.Part part : found.damaged()) {
      damaged = true;
      quarantine.keep(segment, part, Layout.DAMAGED);
    }
    if (found.torn() != null) {
      quarantine.keep(segment, found.torn(), Layout.TORN);
    }
    segment.end = found.end();
    segment.records = records;
  }

  private void take(Segment segment, Entry entry) throws IOException {
    Entry.Told told;
    try {
      told = entry.told();
    } catch (DamagedFileException e) {
      throw new IOException(
          "%s holds at offset %d what this version can't read (%s): use the version that wrote it"
              .formatted(segment.file, entry.offset(), e.getMessage()));
    }
    switch (told) {
      case Entry.Told.Message message -> {
        message(segment, entry, message);
        if (message.outcome() != null) {
          Entry.Outcome outcome = message.outcome();
          if (outcome.state().length == 0) {
            done(segment, outcome.about(), outcome.segment());
          } else {
            state(segment, entry.offset(), outcome.about(), outcome.state());
          }
        }
      }
      case Entry.Told.State state -> state(segment, entry.offset(), state.id(), state.state());
      case Entry.Told.Done done -> done(segment, done.id(), done.segment());
    }
  }

  private void message(Segment segment, Entry entry, Entry.Told.Message message) {
    Live known = index.get(message.id());
    if (known != null) {
      // Copied, and the crash came before the old segment was gone.
      known.segment.superseded |= known.segment != segment;
      index.move(known, segment, entry.offset(), entry.length());
      return;
    }
    Live live =
        new Live(
            message.id(),
            (int) message.size(),
            message.body(),
            segment,
            entry.offset(),
            entry.length());
    index.insert(live);
    Stated stated = early.remove(message.id());
    if (stated != null) {
      index.state(live, stated.segment, stated.offset);
      live.recovered = stated.state;
    }
  }

  private void state(Segment segment, int offset, QueueId id, byte[] state) {
    Live live = index.get(id);
    if (live == null) {
      early.put(id, new Stated(segment, offset, state));
    } else {
      index.state(live, segment, offset);
      live.recovered = state;
    }
  }

  private void done(Segment segment, QueueId id, long target) {
    early.remove(id);
    Live live = index.get(id);
    if (live != null) {
      index.remove(live);
    }
    if (index.segment(target) != null) {
      segment.tombstone(target);
    }
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
      if (damaged || quarantine.count() > 0) {
        disk.rename(file, layout.quarantine().resolve(file.getFileName()));
      } else {
        disk.delete(file);
      }
    }
    for (Path missing : wanted) {
      LOG.error("{} is missing: its message can't be delivered", missing);
    }
  }
}
