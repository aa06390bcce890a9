package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import java.time.Instant;
import java.util.List;

/**
 * What a notice tells, and to whom.
 *
 * @param hostname of this server
 * @param id the notice's own
 * @param to the sender, or the postmaster where the sender can't be told
 * @param about the message that was not delivered
 * @param original its envelope
 * @param size octets of its content
 * @param undelivered at least one
 * @param now when the notice is made
 */
public record Notice(
    String hostname,
    QueueId id,
    MailAddress to,
    QueueId about,
    Envelope original,
    long size,
    List<Undelivered> undelivered,
    Instant now) {
  public Notice {
    undelivered = List.copyOf(undelivered);
    if (undelivered.isEmpty()) {
      throw new IllegalArgumentException("a notice needs a recipient that was not reached");
    }
  }

  /** Whether it goes to someone else than the sender. */
  boolean toPostmaster() {
    return original.reversePath() == null;
  }
}
