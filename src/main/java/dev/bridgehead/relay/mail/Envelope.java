package dev.bridgehead.relay.mail;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What travels with a message besides its content (RFC 5321 §2.3.1).
 *
 * @param reversePath null is the null reverse-path {@code <>}
 * @param recipients forward-paths in the order given, at least one, none twice
 * @param smtpUtf8 the client asked for SMTPUTF8 (RFC 6531)
 * @param arrived when the end of data was received
 * @param notice one of the relay's own notices: routed as if every domain were carried
 * @param dsn what the client asked to be told
 * @param origin where it was before; null where this relay took it from its client
 */
public record Envelope(
    @Nullable MailAddress reversePath,
    List<MailAddress> recipients,
    BodyType body,
    boolean smtpUtf8,
    Instant arrived,
    boolean notice,
    DsnParameters dsn,
    @Nullable Origin origin) {
  public Envelope {
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("an envelope needs a recipient");
    }
    recipients = List.copyOf(recipients);
    if (!dsn.recipients().isEmpty() && dsn.recipients().size() != recipients.size()) {
      throw new IllegalArgumentException("DSN parameters for other recipients");
    }
  }

  /** Of a message that a client brought. */
  public Envelope(
      @Nullable MailAddress reversePath,
      List<MailAddress> recipients,
      BodyType body,
      boolean smtpUtf8,
      Instant arrived,
      boolean notice,
      DsnParameters dsn) {
    this(reversePath, recipients, body, smtpUtf8, arrived, notice, dsn, null);
  }

  /** The same, from elsewhere. */
  public Envelope from(@Nullable Origin other) {
    return new Envelope(reversePath, recipients, body, smtpUtf8, arrived, notice, dsn, other);
  }

  /** An envelope whose client asked for nothing. */
  public Envelope(
      @Nullable MailAddress reversePath,
      List<MailAddress> recipients,
      BodyType body,
      boolean smtpUtf8,
      Instant arrived,
      boolean notice) {
    this(reversePath, recipients, body, smtpUtf8, arrived, notice, DsnParameters.NONE);
  }
}
