package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Which files are the log, and where each segment ends at most. Changes nothing. */
final class Pieces {
  private static final UUID UNKNOWN = new UUID(0, 0);

  private Pieces() {}

  /**
   * What lies in the folder of segments.
   *
   * @param pieces the log, in its order
   * @param unused files that nothing was ever appended to, or nothing that counts
   * @param highest the highest number that any file bears
   */
  record Found(List<Piece> pieces, List<Path> unused, long highest) {}

  static Found find(Disk disk, Layout layout) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    List<Path> unused = new ArrayList<>();
    long highest = 0;
    for (Path file : disk.list(layout.segments())) {
      highest = Math.max(highest, Layout.number(file));
      String name = file.getFileName().toString();
      if (name.endsWith(Layout.SPARE) || name.endsWith(Layout.LOG) && !add(disk, file, pieces)) {
        unused.add(file);
      }
    }
    removeGivenUp(pieces, unused);
    ends(pieces);
    for (Piece piece : pieces) {
      Segment segment = piece.segment();
      // It is made once the segment is cut: where the file is longer again, the cut was lost.
      segment.end = SidecarForm.end(disk, layout.sidecar(segment.id), segment.id, segment.end);
    }
    return new Found(pieces, unused, highest);
  }

  private static boolean add(Disk disk, Path file, List<Piece> pieces) throws IOException {
    long id = Layout.number(file);
    long size = disk.size(file);
    Segment looked = new Segment(id, 0, file, disk);
    SegmentText text = new SegmentText(looked.log(), id, (int) size);
    SegmentHeader header = text.header();
    byte[] octets = header == null ? text.octets(0, SegmentHeader.OCTETS) : null;
    int version = octets == null ? 0 : SegmentHeader.version(octets);
    if (version != 0 && version != SegmentHeader.VERSION) {
      looked.close();
      throw new IOException(
          "%s is of version %d, which this version can't read: use the version that wrote it"
              .formatted(file, version));
    }
    // A header that was on disk is damaged; one that was not was torn, with all behind it.
    boolean damaged = header == null && text.durable(SegmentHeader.OCTETS) > 0;
    if (damaged) {
      header = new SegmentHeader(id, true, true, 0, 0, UNKNOWN);
    }
    looked.close();
    if (header == null || !header.used()) {
      return false;
    }
    Segment segment = new Segment(id, header.before(), file, disk);
    segment.size = size;
    segment.end = (int) size;
    pieces.add(new Piece(segment, header, damaged));
    return true;
  }

  /** One that the next does not follow was given up before its header was known to be on disk. */
  private static void removeGivenUp(List<Piece> pieces, List<Path> unused) {
    for (int i = pieces.size() - 2; i >= 0; i--) {
      Piece next = pieces.get(i + 1);
      Segment segment = pieces.get(i).segment();
      if (!next.headerDamaged() && next.header().before() < segment.id) {
        unused.add(segment.file);
        pieces.remove(i);
      }
    }
  }

  /** A segment that was followed by another ends where that one's header says. */
  private static void ends(List<Piece> pieces) {
    Map<Long, Segment> byId = new HashMap<>();
    pieces.forEach(piece -> byId.put(piece.segment().id, piece.segment()));
    for (Piece piece : pieces) {
      Segment before = byId.get(piece.header().before());
      if (before != null) {
        before.end = Math.min(before.end, piece.header().beforeEnd());
      }
    }
  }
}
