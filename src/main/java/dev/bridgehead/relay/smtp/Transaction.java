package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.TlsRequirement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** One mail transaction: from an accepted MAIL to the end of its DATA (RFC 5321 section 3.3). */
final class Transaction {
  private final MailCommand mail;
  private final SequencedMap<MailAddress, ForRecipient> recipients = new LinkedHashMap<>();
  private boolean utf8Address;
  private int rcptCommands;

  Transaction(MailCommand mail) {
    this.mail = mail;
    MailAddress sender = mail.reversePath();
    utf8Address = sender != null && !isAscii(sender);
  }

  boolean smtpUtf8() {
    return mail.smtpUtf8();
  }

  /** Octets announced, 0 where none were. */
  long declaredSize() {
    return mail.size();
  }

  @Nullable MailAddress reversePath() {
    return mail.reversePath();
  }

  List<MailAddress> recipients() {
    return List.copyOf(recipients.sequencedKeySet());
  }

  /** Counts a RCPT, whatever becomes of it; returns how many there were. */
  int countRcpt() {
    return ++rcptCommands;
  }

  boolean hasRecipients() {
    return !recipients.isEmpty();
  }

  /** Adds a recipient that the policy lets pass; one that is there already changes nothing. */
  void add(RcptCommand rcpt, RelayConfig config, Client client, int limit) throws RefusedException {
    MailAddress recipient = RecipientPolicy.recipient(rcpt.path(), config, client);
    if (recipients.size() >= limit && !recipients.containsKey(recipient)) {
      // RFC 5321 section 4.5.3.1.10: the client sends the rest in another transaction.
      throw new RefusedException(
          Refusal.TOO_MANY_RECIPIENTS, 452, 5, 3, "too many recipients, send the rest separately");
    }
    recipients.putIfAbsent(recipient, rcpt.dsn());
    utf8Address |= !isAscii(recipient);
  }

  /**
   * The envelope, once the content is known.
   *
   * <p>8-bit content that was not declared is taken as 8BITMIME, as Postfix does. What turns out to
   * be ASCII throughout needs neither 8BITMIME nor SMTPUTF8 of the next hop, whatever a client
   * declares by habit.
   *
   * @param needsNoTls its header says {@code TLS-Required: No}
   */
  Envelope envelope(boolean eightBit, boolean needsNoTls, Instant arrived) {
    return new Envelope(
            mail.reversePath(),
            recipients(),
            eightBit ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT,
            mail.smtpUtf8() && (eightBit || utf8Address),
            arrived,
            false,
            dsn())
        .asking(tls(needsNoTls));
  }

  /** RFC 8689 section 4.1: the header is not looked at where MAIL said REQUIRETLS. */
  private TlsRequirement tls(boolean needsNoTls) {
    if (mail.requireTls()) {
      return TlsRequirement.REQUIRED;
    }
    return needsNoTls ? TlsRequirement.OPTIONAL : TlsRequirement.UNSPECIFIED;
  }

  private DsnParameters dsn() {
    boolean any = recipients.values().stream().anyMatch(it -> !it.equals(ForRecipient.NONE));
    return any || mail.returned() != null || mail.envelopeId() != null
        ? new DsnParameters(
            mail.returned(),
            mail.envelopeId(),
            any ? List.copyOf(recipients.sequencedValues()) : List.of())
        : DsnParameters.NONE;
  }

  private static boolean isAscii(MailAddress address) {
    return address.localPart().chars().allMatch(c -> c < 0x80);
  }
}
