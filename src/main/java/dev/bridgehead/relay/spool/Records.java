package dev.bridgehead.relay.spool;

import java.io.IOException;

/** The records of a sealed segment: from its sidecar, or where that is missing from itself. */
final class Records {
  private Records() {}

  static void forEach(Disk disk, Layout layout, Segment segment, SidecarForm.Each each)
      throws IOException {
    SidecarForm unwritten = segment.records;
    byte[] gathered = unwritten == null ? null : unwritten.octets();
    if (gathered != null) {
      SidecarForm.forEach(gathered, each);
      return;
    }
    byte[] sidecar = SidecarForm.read(disk, layout.sidecar(segment.id), segment.id, segment.end);
    if (sidecar != null) {
      SidecarForm.forEach(sidecar, each);
      return;
    }
    SegmentText text = new SegmentText(segment.log(), segment.id, segment.end);
    new SegmentScan(text, false, true, each).run();
  }
}
