package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.spool.MessageState;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Recipients of one message that go to one destination together: what one attempt is made for.
 * Guarded by the queue's lock, compared by identity, and small: there may be a million of them.
 */
final class Parcel {
  /** Where a parcel is. */
  enum State {
    /** Not due yet. */
    WAITING,
    /** In its lane. */
    READY,
    /** In the hands of an attempt, a notice or a command, and in no list. */
    ACTIVE,
    /** Waits for a person. */
    HELD
  }

  private static final int[] NOBODY = {};

  private final QueuedMessage message;
  private final Lane lane;

  /** Indexes into the envelope's recipients, ascending; null is all of them. */
  private int @Nullable [] recipients;

  private int attempts;
  private long due;
  private MessageState.Hold hold;
  private boolean delayTold;
  private State state = State.ACTIVE;
  private Reasons.@Nullable Entry reason;

  /** Where it stands in the heap that it is in. */
  private int position;

  private Parcel(QueuedMessage message, Lane lane, MessageState.Group group) {
    this.message = message;
    this.lane = lane;
    this.recipients =
        group.recipients().size() == message.recipients()
            ? null
            : group.recipients().stream().mapToInt(Integer::intValue).toArray();
    this.attempts = group.attempts();
    this.due = group.due().toEpochMilli();
    this.hold = group.hold();
    this.delayTold = group.delayTold();
  }

  /** Of a message, for a group of recipients that go the same way; in no list yet. */
  static Parcel of(QueuedMessage message, Lane lane, MessageState.Group group) {
    Parcel parcel = new Parcel(message, lane, group);
    message.add(parcel);
    return parcel;
  }

  /** Of a message of which only the record is missing on disk. */
  static Parcel ofNobody(QueuedMessage message, Lane lane, Instant due) {
    List<Integer> anybody = List.of(0);
    Parcel parcel =
        new Parcel(
            message, lane, new MessageState.Group(anybody, 0, due, MessageState.Hold.NONE, true));
    parcel.recipients = NOBODY;
    message.add(parcel);
    return parcel;
  }

  QueuedMessage message() {
    return message;
  }

  Lane lane() {
    return lane;
  }

  /** Indexes into the envelope's recipients, ascending. */
  List<Integer> recipients() {
    int[] some = recipients;
    return (some == null ? IntStream.range(0, message.recipients()) : IntStream.of(some))
        .boxed()
        .toList();
  }

  boolean isEmpty() {
    return recipients != null && recipients.length == 0;
  }

  /** Nothing is left to be done for them. */
  void settle(Set<Integer> settled) {
    if (!settled.isEmpty()) {
      recipients =
          recipients().stream()
              .filter(each -> !settled.contains(each))
              .mapToInt(Integer::intValue)
              .toArray();
    }
  }

  int attempts() {
    return attempts;
  }

  /** An attempt was made, and the next one is due then. */
  void attempted(long nextDue) {
    attempts++;
    due = nextDue;
  }

  /** Milliseconds since 1970. */
  long due() {
    return due;
  }

  void due(long when) {
    due = when;
  }

  MessageState.Hold hold() {
    return hold;
  }

  void hold(MessageState.Hold why) {
    hold = why;
  }

  boolean held() {
    return hold != MessageState.Hold.NONE;
  }

  boolean delayTold() {
    return delayTold;
  }

  void delayTold(boolean told) {
    delayTold = told;
  }

  State state() {
    return state;
  }

  void state(State now) {
    state = now;
  }

  Reasons.@Nullable Entry reason() {
    return reason;
  }

  void reason(Reasons.@Nullable Entry why) {
    reason = why;
  }

  int position() {
    return position;
  }

  void position(int now) {
    position = now;
  }

  /** As it is written to the spool. */
  MessageState.Group group(List<Integer> of) {
    return new MessageState.Group(of, attempts, Instant.ofEpochMilli(due), hold, delayTold);
  }
}
