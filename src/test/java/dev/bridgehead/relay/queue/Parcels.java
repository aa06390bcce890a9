package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Instant;
import java.util.List;

/** Messages of tests that need no spool. */
final class Parcels {
  static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private Parcels() {}

  static StoredMessage stored(String domain, int number) {
    Envelope envelope =
        new Envelope(
            new MailAddress("sender" + number, "example.org"),
            List.of(new MailAddress("recipient" + number, domain)),
            BodyType.SEVEN_BIT,
            false,
            NOW,
            false);
    QueueId id = new QueueId("%016d".formatted(number));
    return new StoredMessage(id, envelope, 4096, MessageState.fresh(envelope));
  }

  static Parcel of(String domain, int number) {
    StoredMessage stored = stored(domain, number);
    return Parcel.of(
        new QueuedMessage(stored),
        new Lane(new Destination.Domain(domain), 0),
        stored.state().open().getFirst());
  }

  static Diagnostic diagnostic(String text) {
    EnhancedStatus status = new EnhancedStatus(4, 7, 1);
    return new Diagnostic(
        Reason.REPLY, status, text, "mx.example", new Reply(450, status, List.of(text)));
  }
}
