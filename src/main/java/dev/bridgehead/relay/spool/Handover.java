package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * Hands over what a start found, with envelopes, without keeping any: the records are read a second
 * time, from the sidecars. Messages that were once copied come first, being the oldest; then in the
 * order of acceptance.
 */
final class Handover {
  private final Disk disk;
  private final Layout layout;
  private final Index index;
  private final long last;

  /**
   * @param last the newest segment that the start found: what comes later the queue has from
   *     whoever stored it, and may be done with already
   */
  Handover(Disk disk, Layout layout, Index index, long last) {
    this.disk = disk;
    this.layout = layout;
    this.index = index;
    this.last = last;
  }

  void run(Consumer<StoredMessage> each) throws IOException {
    pass(each, true);
    pass(each, false);
  }

  private void pass(Consumer<StoredMessage> each, boolean moved) throws IOException {
    for (Segment segment : index.segments()) {
      if (segment.id <= last && segment.messages > 0) {
        Records.forEach(
            disk,
            layout,
            segment,
            entry -> {
              if (entry.type() == Entry.MESSAGE && ((entry.flags() & Entry.MOVED) != 0) == moved) {
                offer(segment, entry, each);
              }
            });
      }
    }
  }

  private void offer(Segment segment, Entry entry, Consumer<StoredMessage> each)
      throws IOException {
    if (!(entry.told() instanceof Entry.Told.Message message)) {
      return;
    }
    Live live = index.get(message.id());
    if (live == null || live.segment != segment || live.offset != entry.offset()) {
      return;
    }
    try {
      EnvelopeForm.Read read = EnvelopeForm.read(message.envelope());
      MessageState state = read.state(live.recovered);
      live.recovered = null;
      each.accept(new StoredMessage(live.id, read.envelope(), message.size(), state));
    } catch (DamagedFileException e) {
      throw new IOException(
          "%s holds at offset %d what this version can't read (%s): use the version that wrote it"
              .formatted(segment.file, entry.offset(), e.getMessage()));
    }
  }
}
