package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.routing.Destination;
import java.time.Instant;
import java.util.List;

/**
 * Recipients of one message that go to one destination together: what one attempt is made for.
 * Compared by identity.
 */
final class Parcel {
  /** Due never: kept until someone can take it. Written to the spool as it is. */
  static final Instant HELD = Instant.parse("9999-12-31T00:00:00Z");

  private final QueuedMessage message;
  private final Destination destination;
  private final List<Integer> recipients;
  private final int attempts;
  private final Instant due;

  /**
   * @param recipients indexes into the envelope's
   * @param attempts made so far
   */
  Parcel(
      QueuedMessage message,
      Destination destination,
      List<Integer> recipients,
      int attempts,
      Instant due) {
    this.message = message;
    this.destination = destination;
    this.recipients = List.copyOf(recipients);
    this.attempts = attempts;
    this.due = due;
  }

  QueuedMessage message() {
    return message;
  }

  Destination destination() {
    return destination;
  }

  List<Integer> recipients() {
    return recipients;
  }

  List<MailAddress> addresses() {
    return recipients.stream().map(message.envelope().recipients()::get).toList();
  }

  int attempts() {
    return attempts;
  }

  Instant due() {
    return due;
  }

  boolean held() {
    return due.equals(HELD);
  }
}
