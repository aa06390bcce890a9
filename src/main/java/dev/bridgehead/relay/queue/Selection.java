package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What of the queue is meant; null matches everything.
 *
 * @param destination a domain, or {@code smart hosts}; case does not matter
 * @param from the sender; {@code <>} is the null reverse-path
 * @param to a recipient that is still open
 */
public record Selection(
    @Nullable String destination,
    @Nullable String from,
    @Nullable String to,
    @Nullable Standing standing) {
  /** The whole queue. */
  public static final Selection ALL = new Selection(null, null, null, null);

  /** Whether it can be told without the envelope. */
  boolean matches(QueueEntry entry) {
    return (destination == null || destination.equalsIgnoreCase(entry.destination()))
        && (standing == null || standing == entry.standing());
  }

  boolean needsEnvelope() {
    return from != null || to != null;
  }

  boolean matches(QueueEntry entry, Envelope envelope) {
    return (from == null
            || from.equals("<>") && envelope.reversePath() == null
            || same(from, envelope.reversePath()))
        && (to == null || entry.addresses(envelope).stream().anyMatch(each -> same(to, each)));
  }

  private static boolean same(String wanted, @Nullable MailAddress address) {
    return address != null
        && address.toString().toLowerCase(Locale.ROOT).equals(wanted.toLowerCase(Locale.ROOT));
  }
}
