package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is still to be done for a message, or that it is gone. */
final class OutcomeAppend extends Append {
  private final Index index;
  private final QueueId id;
  private final byte[] state;
  private final Consumer<Live> bodyUnused;

  /** The message, once this was written; it may be gone from the index since. */
  private @Nullable Live live;

  private long target;

  /**
   * @param state empty: the message is gone
   * @param bodyUnused told when the message and its outcome are on disk, and its body is not needed
   */
  OutcomeAppend(Index index, QueueId id, byte[] state, Consumer<Live> bodyUnused) {
    this.index = index;
    this.id = id;
    this.state = state;
    this.bodyUnused = bodyUnused;
  }

  /** Whether there was a message to write it for. */
  boolean found() {
    return live != null;
  }

  /** As part of a notice's record; null where there is no such message. */
  Entry.@Nullable Outcome told() {
    if (!find()) {
      return null;
    }
    return new Entry.Outcome(id, state, target);
  }

  private boolean find() {
    if (live == null) {
      live = index.get(id);
    }
    target = live == null ? 0 : live.segment.id; // anew each time: a failed sync takes copies back
    return live != null;
  }

  /** The message must not be copied meanwhile: the copy would follow its outcome in the log. */
  void settling(boolean now) {
    if (live != null) {
      live.settling = now;
    }
  }

  @Override
  @Nullable Entry at(Segment in, int offset) {
    if (!find()) {
      return null;
    }
    boolean done = state.length == 0;
    return new Entry(
        offset,
        done ? Entry.DONE : Entry.STATE,
        0,
        done ? Entry.doneMeta(id, target) : Entry.stateMeta(id, state),
        0,
        0);
  }

  @Override
  void written(Segment in, Entry as) {
    if (live == null) {
      return;
    }
    if (state.length == 0) {
      index.remove(live);
      in.tombstone(target);
    } else if (index.get(id) == live) {
      index.state(live, in, as.offset());
    }
  }

  @Override
  void durable(Segment in, Entry as) {
    if (live != null && live.body && state.length == 0) {
      bodyUnused.accept(live);
    }
  }
}
