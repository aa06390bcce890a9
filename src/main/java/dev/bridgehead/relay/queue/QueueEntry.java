package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.MessageState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recipients of one message that go the same way, as a postmaster sees them.
 *
 * @param size octets of the content
 * @param attempts made so far
 * @param next when the next one is made, as far as is known; null while one is under way, and where
 *     a person is waited for
 * @param destination a domain, or {@code smart hosts}
 * @param reason why it is still here, in a few words; null before the first attempt
 * @param hold why it is held
 * @param delayTold the sender was told that it takes longer
 * @param recipients indexes into the envelope's
 */
public record QueueEntry(
    QueueId id,
    Instant arrived,
    long size,
    Standing standing,
    int attempts,
    @Nullable Instant next,
    String destination,
    @Nullable String reason,
    MessageState.Hold hold,
    boolean delayTold,
    List<Integer> recipients) {
  /** With the ledger's lock. */
  static QueueEntry of(Parcel parcel, long now) {
    QueuedMessage message = parcel.message();
    Standing standing = standing(parcel, now);
    Reasons.Entry reason = parcel.reason();
    Lane lane = parcel.lane();
    String ofLane = lane.dead(now) && lane.last() != null ? lane.last().text() : null;
    return new QueueEntry(
        message.id(),
        message.arrivedAt(),
        message.size(),
        standing,
        parcel.attempts(),
        next(parcel, standing),
        OutcomeLog.name(lane.destination()),
        reason == null ? ofLane : reason.text(),
        parcel.hold(),
        parcel.delayTold(),
        parcel.recipients());
  }

  static Standing standing(Parcel parcel, long now) {
    return switch (parcel.state()) {
      case ACTIVE -> Standing.ACTIVE;
      case HELD -> Standing.HELD;
      case WAITING -> Standing.WAITING;
      case READY -> parcel.lane().deferred(now) ? Standing.WAITING : Standing.READY;
    };
  }

  private static @Nullable Instant next(Parcel parcel, Standing standing) {
    return switch (standing) {
      case ACTIVE, HELD -> null;
      case READY, WAITING -> Instant.ofEpochMilli(Math.max(parcel.due(), parcel.lane().until()));
    };
  }

  /** Addresses of its recipients. */
  public List<MailAddress> addresses(Envelope envelope) {
    return recipients.stream().map(envelope.recipients()::get).toList();
  }
}
