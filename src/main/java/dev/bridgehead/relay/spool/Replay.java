package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Goes through the records of all segments in their order, and makes the index of them. */
final class Replay {
  private final Index index;

  /** States of messages that have not been seen yet: a message may have moved behind its state. */
  private final Map<QueueId, Stated> early = new HashMap<>();

  private record Stated(Segment segment, int offset, byte[] state) {}

  Replay(Index index) {
    this.index = index;
  }

  /**
   * @throws IOException where a later version wrote the record
   */
  void take(Segment segment, Entry entry) throws IOException {
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
      // It was copied, and the copy can't be read: its outcome must not go with the copy's segment.
      live.segment.superseded |= live.segment.id != target;
      if (live.body) {
        index.bodyGone(live.size); // if a crash left it, the start removes it
      }
    }
    if (index.segment(target) != null) {
      segment.tombstone(target);
    }
  }
}
