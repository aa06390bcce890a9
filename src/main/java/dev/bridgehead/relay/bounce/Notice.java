package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a notice tells, and to whom.
 *
 * @param kind what became of all of its recipients
 * @param hostname of this server
 * @param id the notice's own
 * @param to the sender, or the postmaster where the sender can't be told
 * @param about the message that it tells of
 * @param original its envelope
 * @param size octets of its content
 * @param recipients at least one, each with an outcome of the notice's kind
 * @param now when the notice is made
 * @param lastAttempt the attempt that it tells of; null where none was made
 * @param triedUntil when the message would be given up, known for delayed ones; null elsewhere
 */
public record Notice(
    NoticeKind kind,
    String hostname,
    QueueId id,
    MailAddress to,
    QueueId about,
    Envelope original,
    long size,
    List<Concerned> recipients,
    Instant now,
    @Nullable Instant lastAttempt,
    @Nullable Instant triedUntil) {
  public Notice {
    recipients = List.copyOf(recipients);
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("a notice needs a recipient that it is about");
    }
    if (!recipients.stream().allMatch(it -> kind.tellsOf(it.outcome()))) {
      throw new IllegalArgumentException("a notice of another kind than its outcomes");
    }
  }

  /** Whether it goes to someone else than the sender. */
  boolean toPostmaster() {
    return original.reversePath() == null;
  }

  MailAddress address(Concerned concerned) {
    return original.recipients().get(concerned.recipient());
  }
}
