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
 * @param tls what its sender asks of TLS
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
    TlsRequirement tls,
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

  /** Of a message that a client brought, who asked nothing of TLS. */
  public Envelope(
      @Nullable MailAddress reversePath,
      List<MailAddress> recipients,
      BodyType body,
      boolean smtpUtf8,
      Instant arrived,
      boolean notice,
      DsnParameters dsn) {
    this(
        reversePath,
        recipients,
        body,
        smtpUtf8,
        arrived,
        notice,
        TlsRequirement.UNSPECIFIED,
        dsn,
        null);
  }

  /** The same, from elsewhere. */
  public Envelope from(@Nullable Origin other) {
    return new Envelope(reversePath, recipients, body, smtpUtf8, arrived, notice, tls, dsn, other);
  }

  /** The same, whose sender asks this of TLS. */
  public Envelope asking(TlsRequirement other) {
    return new Envelope(
        reversePath, recipients, body, smtpUtf8, arrived, notice, other, dsn, origin);
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
