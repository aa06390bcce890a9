package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
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

  Envelope envelope(QueueId id) throws IOException {
    Place place = enter(id);
    try {
      return EnvelopeForm.decode(message(entry(place)).envelope());
    } finally {
      place.segment.leave();
    }
  }

  private static Entry entry(Place place) throws IOException {
    int end = place.offset + place.length;
    Entry entry = text(place).entry(place.offset, end);
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

  InputStream open(QueueId id) throws IOException {
    Place place = enter(id);
    boolean kept = false;
    try {
      SegmentText text = text(place);
      Entry entry = text.entry(place.offset, place.offset + place.length);
      if (entry == null) {
        throw new DamagedFileException(
            place.segment.file + " is damaged at offset " + place.offset + ": a message is lost");
      }
      if (place.body) {
        long size = message(entry).size();
        return new CheckedContent(disk.read(layout.body(id), 0), size, entry.contentCrc());
      }
      byte[] all =
          entry.inline() <= AT_ONCE ? text.octets(entry.contentOffset(), entry.inline()) : null;
      if (all != null) {
        return new CheckedContent(new ByteArrayInputStream(all), all.length, entry.contentCrc());
      }
      kept = true;
      return new CheckedContent(
          new InlineContent(place.segment, entry.contentOffset()),
          entry.inline(),
          entry.contentCrc());
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

    InlineContent(Segment segment, int offset) {
      this.segment = segment;
      this.offset = offset;
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
      int count = segment.log().read(into, at, length, offset);
      offset += Math.max(0, count);
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
