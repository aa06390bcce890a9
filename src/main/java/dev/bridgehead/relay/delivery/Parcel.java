package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.delivery.Attempt.ContentSource;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.TlsRequirement;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message as a transaction sees it, and what it needs of a peer. Used by one thread. */
final class Parcel {
  private static final EnhancedStatus TOO_BIG = new EnhancedStatus(5, 3, 4);
  private static final EnhancedStatus CONVERSION_NEEDED = new EnhancedStatus(5, 6, 3);
  private static final EnhancedStatus UTF8_NEEDED = new EnhancedStatus(5, 6, 7);

  /** Octets. What is longer is read from the disk as it is sent. */
  private static final int IN_MEMORY = 128 * 1024;

  private final Envelope envelope;
  private final long size;
  private final ContentSource content;
  private final DsnRequest dsn;
  private byte @Nullable [] whole;
  private @Nullable ContentNeeds needs;

  Parcel(Envelope envelope, long size, ContentSource content) {
    this.envelope = envelope;
    this.size = size;
    this.content = content;
    this.dsn = new DsnRequest(envelope);
  }

  long size() {
    return size;
  }

  InputStream open() throws IOException {
    return content.open();
  }

  /**
   * All of a short content, read once; null for a long one.
   *
   * @throws IOException where it can't be read, or is of another length than was recorded
   */
  byte @Nullable [] whole() throws IOException {
    if (whole == null && size <= IN_MEMORY) {
      byte[] all = new byte[(int) size];
      try (InputStream stream = content.open()) {
        if (stream.readNBytes(all, 0, all.length) < all.length || stream.read() >= 0) {
          throw new IOException("the content is not %d octets long".formatted(size));
        }
      }
      whole = all;
    }
    return whole;
  }

  /**
   * Why the peer can't take this message for anyone, null where it can.
   *
   * @throws IOException where the content can't be read
   */
  @Nullable Diagnostic unfit(Peer peer, Capabilities capabilities) throws IOException {
    boolean notice = envelope.reversePath() == null; // rather told without than lost (RFC 8689 §5)
    if (envelope.tls() == TlsRequirement.REQUIRED && !notice && !peer.tls().requireTls()) {
      throw new IllegalStateException("a session for other mail than such under REQUIRETLS");
    }
    if (size > capabilities.sizeLimit().orElse(Long.MAX_VALUE)) {
      return peer.here(
          Reason.UNSUPPORTED,
          TOO_BIG,
          "the message has %d octets, the host takes %d"
              .formatted(size, capabilities.sizeLimit().getAsLong()),
          null);
    }
    if (!capabilities.smtpUtf8() && needsUtf8(List.of())) {
      return peer.here(
          Reason.UNSUPPORTED, UTF8_NEEDED, "the message needs SMTPUTF8, which isn't offered", null);
    }
    if (!capabilities.eightBitMime() && needs().eightBit()) {
      return peer.here(
          Reason.UNSUPPORTED,
          CONVERSION_NEEDED,
          "the message has 8-bit content, and 8BITMIME isn't offered",
          null);
    }
    return null;
  }

  /** Why the peer can't take any message for this recipient, null where it can. */
  static @Nullable Diagnostic unfit(Peer peer, Capabilities capabilities, MailAddress recipient) {
    return capabilities.smtpUtf8() || ascii(recipient)
        ? null
        : peer.here(
            Reason.UNSUPPORTED,
            UTF8_NEEDED,
            "the address needs SMTPUTF8, which isn't offered",
            null);
  }

  /** The MAIL command with those parameters that the peer knows. */
  Command mail(Peer peer, Capabilities capabilities, List<MailAddress> recipients)
      throws IOException {
    MailAddress from = envelope.reversePath();
    StringBuilder line =
        new StringBuilder("MAIL FROM:<").append(from == null ? "" : from).append('>');
    if (capabilities.size()) {
      line.append(" SIZE=").append(size);
    }
    if (capabilities.eightBitMime()
        && (envelope.body() == BodyType.EIGHT_BIT_MIME || needs().eightBit())) {
      line.append(" BODY=8BITMIME");
    }
    if (capabilities.smtpUtf8() && needsUtf8(recipients)) {
      line.append(" SMTPUTF8");
    }
    if (capabilities.dsn()) {
      line.append(dsn.forMail());
    }
    if (peer.tls().requireTls()) {
      line.append(" REQUIRETLS");
    }
    return Command.of(line.toString());
  }

  /** The RCPT command of a recipient. */
  Command rcpt(Capabilities capabilities, MailAddress recipient) {
    String line = "RCPT TO:<" + recipient + ">";
    return Command.of(capabilities.dsn() ? line + dsn.forRecipient(recipient) : line);
  }

  /** RFC 6531 §3.4: the parameter is for messages that have something to show for it. */
  private boolean needsUtf8(List<MailAddress> recipients) throws IOException {
    MailAddress from = envelope.reversePath();
    return (from != null && !ascii(from))
        || !recipients.stream().allMatch(Parcel::ascii)
        || (envelope.smtpUtf8() && needs().utf8Header());
  }

  private static boolean ascii(MailAddress address) {
    return ascii(address.localPart()) && ascii(address.domain());
  }

  private static boolean ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  private ContentNeeds needs() throws IOException {
    ContentNeeds known = needs;
    if (known == null) {
      byte[] all = whole();
      if (all != null) {
        known = ContentNeeds.of(all);
      } else {
        try (InputStream stream = content.open()) {
          known = ContentNeeds.of(stream);
        }
      }
      needs = known;
    }
    return known;
  }
}
