package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
   * @param headless files with batches, none of them known to be on disk, and no header: a crash
   *     tore it, most likely, and nobody was promised them
   * @param highest the highest number that any file bears
   */
  record Found(List<Piece> pieces, List<Path> unused, List<Headless> headless, long highest) {}

  /**
   * A file without a header.
   *
   * @param end behind its last batch
   */
  record Headless(Segment segment, int end) {}

  static Found find(Disk disk, Layout layout) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    List<Path> unused = new ArrayList<>();
    List<Headless> headless = new ArrayList<>();
    long highest = 0;
    for (Path file : disk.list(layout.segments())) {
      highest = Math.max(highest, Layout.number(file));
      String name = file.getFileName().toString();
      if (name.endsWith(Layout.SPARE)
          || name.endsWith(Layout.LOG) && !add(disk, file, pieces, headless)) {
        unused.add(file);
      }
    }
    adopt(headless, pieces);
    removeGivenUp(pieces, unused);
    ends(pieces);
    for (Piece piece : pieces) {
      Segment segment = piece.segment();
      // It is made once the segment is cut: where the file is longer again, the cut was lost.
      segment.end = SidecarForm.end(disk, layout.sidecar(segment.id), segment.id, segment.end);
    }
    return new Found(pieces, unused, headless, highest);
  }

  private static boolean add(Disk disk, Path file, List<Piece> pieces, List<Headless> headless)
      throws IOException {
    long id = Layout.number(file);
    Segment looked = new Segment(id, 0, file, disk);
    looked.size = disk.size(file);
    looked.end = (int) looked.size;
    SegmentText text = new SegmentText(looked.log(), id, looked.end);
    SegmentHeader header = text.header();
    if (header == null) {
      boolean has = addHeadless(looked, text, pieces, headless);
      looked.close();
      return has;
    }
    looked.close();
    if (!header.used()) {
      return false;
    }
    Segment segment = new Segment(id, header.before(), file, disk);
    segment.size = looked.size;
    segment.end = looked.end;
    pieces.add(new Piece(segment, header, false));
    return true;
  }

  /** A header that was on disk is damaged; one that was not was torn, with all behind it. */
  private static boolean addHeadless(
      Segment segment, SegmentText text, List<Piece> pieces, List<Headless> headless)
      throws IOException {
    byte[] octets = text.octets(0, SegmentHeader.OCTETS);
    int version = octets == null ? 0 : SegmentHeader.version(octets);
    if (version != 0 && version != SegmentHeader.VERSION) {
      segment.close();
      throw new IOException(
          "%s is of version %d, which this version can't read: use the version that wrote it"
              .formatted(segment.file, version));
    }
    if (text.durable(SegmentHeader.OCTETS) > 0) {
      pieces.add(damaged(segment));
      return true;
    }
    int end = text.lastEnd(SegmentHeader.OCTETS);
    if (end > 0) {
      headless.add(new Headless(segment, end));
    }
    return end > 0;
  }

  private static Piece damaged(Segment segment) {
    return new Piece(segment, new SegmentHeader(segment.id, true, true, 0, 0, UNKNOWN), true);
  }

  /** A segment that another one says was on disk, header and all, is no torn one. */
  private static void adopt(List<Headless> headless, List<Piece> pieces) {
    Set<Long> known = new HashSet<>();
    for (Piece piece : pieces) {
      if (piece.header().beforeEnd() > 0) {
        known.add(piece.header().before());
      }
    }
    for (Headless each : List.copyOf(headless)) {
      if (known.contains(each.segment().id)) {
        pieces.add(damaged(each.segment()));
        headless.remove(each);
      }
    }
    pieces.sort(Comparator.comparingLong(piece -> piece.segment().id));
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
