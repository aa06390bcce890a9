package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the queue knows of a message: never its content, and its envelope only while it is about to
 * be attempted. Guarded by the queue's lock. Its monitor is held while its state is written, so
 * that what is written last is what was true last.
 */
final class QueuedMessage {
  private final QueueId id;
  private final long arrived;
  private final long size;
  private final int recipients;
  private final boolean nullSender;
  private @Nullable Envelope envelope;

  /** Recipients that are still open, each in exactly one; most messages have one parcel. */
  private @Nullable Parcel only;

  private @Nullable List<Parcel> several;

  /** Whose it was, as long as that relay may ask for it. */
  private @Nullable Origin origin;

  /** Removed from the spool. Guarded by this message's monitor. */
  private boolean gone;

  QueuedMessage(StoredMessage stored) {
    this.id = stored.id();
    this.arrived = stored.envelope().arrived().toEpochMilli();
    this.size = stored.size();
    this.recipients = stored.envelope().recipients().size();
    this.nullSender = stored.envelope().reversePath() == null;
    this.origin = stored.state().unconfirmed() ? stored.envelope().origin() : null;
  }

  QueueId id() {
    return id;
  }

  /** Milliseconds since 1970. */
  long arrived() {
    return arrived;
  }

  Instant arrivedAt() {
    return Instant.ofEpochMilli(arrived);
  }

  long size() {
    return size;
  }

  /** How many its envelope has. */
  int recipients() {
    return recipients;
  }

  boolean nullSender() {
    return nullSender;
  }

  /** Where it is kept at present. */
  @Nullable Envelope envelope() {
    return envelope;
  }

  void envelope(@Nullable Envelope kept) {
    envelope = kept;
  }

  @Nullable Origin origin() {
    return origin;
  }

  /** The relay that it was taken over from asks for it no more. */
  void confirmed() {
    origin = null;
  }

  List<Parcel> parcels() {
    if (several != null) {
      return List.copyOf(several);
    }
    return only == null ? List.of() : List.of(only);
  }

  void add(Parcel parcel) {
    if (several != null) {
      several.add(parcel);
    } else if (only == null) {
      only = parcel;
    } else {
      several = new ArrayList<>(List.of(only, parcel));
      only = null;
    }
  }

  void remove(Parcel parcel) {
    if (several != null) {
      several.remove(parcel);
    } else if (only == parcel) {
      only = null;
    }
  }

  boolean isGone() {
    return gone;
  }

  void gone() {
    gone = true;
  }

  boolean active() {
    return parcels().stream().anyMatch(parcel -> parcel.state() == Parcel.State.ACTIVE);
  }

  /** What is to be written of it. */
  MessageState state() {
    return state(null, Set.of());
  }

  /** The same if some recipients of a parcel were settled. */
  MessageState state(@Nullable Parcel but, Set<Integer> settled) {
    List<MessageState.Group> groups = new ArrayList<>(1);
    for (Parcel parcel : parcels()) {
      List<Integer> open = parcel.recipients();
      if (parcel == but) {
        open = open.stream().filter(each -> !settled.contains(each)).toList();
      }
      if (!open.isEmpty()) {
        groups.add(parcel.group(open));
      }
    }
    return new MessageState(groups, origin != null);
  }

  /** The same without some parcels. */
  MessageState stateWithout(List<Parcel> some) {
    return new MessageState(
        parcels().stream()
            .filter(parcel -> !parcel.isEmpty() && !some.contains(parcel))
            .map(parcel -> parcel.group(parcel.recipients()))
            .toList(),
        origin != null);
  }
}
