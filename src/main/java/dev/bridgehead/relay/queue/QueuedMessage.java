package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.StoredMessage;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the queue knows of a message: never its content. Guarded by the queue's lock, but for what
 * says otherwise.
 */
final class QueuedMessage {
  private final QueueId id;
  private final Envelope envelope;
  private final long size;
  private final Set<Integer> settled;

  /** Recipients that are still open, each in exactly one. */
  private final Set<Parcel> parcels = new HashSet<>(2);

  /** Gone from the spool. Guarded by this message's monitor. */
  private boolean removed;

  QueuedMessage(StoredMessage stored) {
    this.id = stored.id();
    this.envelope = stored.envelope();
    this.size = stored.size();
    this.settled = new TreeSet<>();
    for (int i = 0; i < envelope.recipients().size(); i++) {
      settled.add(i);
    }
    stored.state().open().forEach(group -> settled.removeAll(Set.copyOf(group.recipients())));
  }

  QueueId id() {
    return id;
  }

  Envelope envelope() {
    return envelope;
  }

  long size() {
    return size;
  }

  Set<Integer> settled() {
    return settled;
  }

  Set<Parcel> parcels() {
    return parcels;
  }

  boolean done() {
    return settled.size() == envelope.recipients().size();
  }

  boolean removed() {
    return removed;
  }

  void removed(boolean now) {
    removed |= now;
  }

  boolean held() {
    return parcels.stream().anyMatch(Parcel::held);
  }
}
