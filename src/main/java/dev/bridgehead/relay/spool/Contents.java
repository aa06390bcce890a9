package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads messages back: the whole record at once where it is small. On any thread. */
final class Contents {
  /** Read at once; more is read as it is needed. */
  private static final int AT_ONCE = 32 << 10;

  private final Disk disk;
  private final Layout layout;
  private final Index index;

  Contents(Disk disk, Layout layout, Index index) {
    this.disk = disk;
    this.layout = layout;
    this.index = index;
  }

  /** Where a message lay when it was looked up, and may be read until the segment is left. */
  private record Place(Segment segment, int offset, int length, boolean body) {}

  private Place enter(QueueId id) throws IOException {
    while (true) {
      Live live = index.get(id);
      if (live == null) {
        throw new IOException("no message " + id + " in the spool");
      }
      synchronized (live) {
        if (live.segment.enter()) {
          return new Place(live.segment, live.offset, live.length, live.body);
        }
      }
      Thread.onSpinWait(); // it has just been copied elsewhere, or is gone
    }
  }

  EnvelopeForm.Read envelope(QueueId id) throws IOException {
    Place place = enter(id);
    try {
      return EnvelopeForm.read(message(entry(place, text(place))).envelope());
    } finally {
      place.segment.leave();
    }
  }

  private static Entry entry(Place place, SegmentText text) throws IOException {
    Entry entry = text.entry(place.offset, place.offset + place.length);
    if (entry == null) {
      throw new DamagedFileException(
          place.segment.file + " is damaged at offset " + place.offset + ": a message is lost");
    }
    return entry;
  }

  private static SegmentText text(Place place) throws IOException {
    return new SegmentText(
        place.segment.log(), place.segment.id, place.offset + place.length, place.length);
  }

  private static Entry.Told.Message message(Entry entry) throws DamagedFileException {
    if (entry.told() instanceof Entry.Told.Message message) {
      return message;
    }
    throw new DamagedFileException("a record is not the message it was");
  }

  /** Gives the last octets only if all are what was accepted. */
  InputStream open(QueueId id) throws IOException {
    return open(id, true);
  }

  /** Gives what is on disk. */
  InputStream openUnchecked(QueueId id) throws IOException {
    return open(id, false);
  }

  private static InputStream checked(InputStream in, long size, Entry entry, boolean check) {
    return check ? new CheckedContent(in, size, entry.contentCrc()) : in;
  }

  private InputStream open(QueueId id, boolean check) throws IOException {
    Place place = enter(id);
    boolean kept = false;
    try {
      SegmentText text = text(place);
      Entry entry = entry(place, text);
      if (place.body) {
        long size = message(entry).size();
        return checked(disk.read(layout.body(id), 0), size, entry, check);
      }
      byte[] all =
          entry.inline() <= AT_ONCE ? text.octets(entry.contentOffset(), entry.inline()) : null;
      if (all != null) {
        return checked(new ByteArrayInputStream(all), all.length, entry, check);
      }
      kept = true;
      InputStream inline = new InlineContent(place.segment, entry.contentOffset(), entry.inline());
      return checked(inline, entry.inline(), entry, check);
    } finally {
      if (!kept) {
        place.segment.leave();
      }
    }
  }

  /** Octets of a segment from an offset on; the segment stays until this is closed. */
  private static final class InlineContent extends InputStream {
    private @Nullable Segment segment;
    private int offset;
    private int left;

    InlineContent(Segment segment, int offset, int length) {
      this.segment = segment;
      this.offset = offset;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      if (segment == null) {
        throw new IOException("closed");
      }
      if (left == 0) {
        return -1;
      }
      int count = segment.log().read(into, at, Math.min(length, left), offset);
      offset += Math.max(0, count);
      left -= Math.max(0, count);
      return count;
    }

    @Override
    public void close() throws IOException {
      Segment left = segment;
      segment = null;
      if (left != null) {
        left.leave();
      }
    }
  }
}
