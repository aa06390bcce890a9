package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.delivery.Attempt.ContentSource;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message as a transaction sees it, and what it needs of a peer. Used by one thread. */
final class Parcel {
  private static final EnhancedStatus TOO_BIG = new EnhancedStatus(5, 3, 4);
  private static final EnhancedStatus CONVERSION_NEEDED = new EnhancedStatus(5, 6, 3);
  private static final EnhancedStatus UTF8_NEEDED = new EnhancedStatus(5, 6, 7);

  private final Envelope envelope;
  private final long size;
  private final ContentSource content;
  private @Nullable ContentNeeds needs;

  Parcel(Envelope envelope, long size, ContentSource content) {
    this.envelope = envelope;
    this.size = size;
    this.content = content;
  }

  long size() {
    return size;
  }

  InputStream open() throws IOException {
    return content.open();
  }

  /**
   * Why the peer can't take this message, null where it can.
   *
   * @throws IOException where the content can't be read
   */
  @Nullable Diagnostic unfit(Peer peer, Capabilities capabilities, List<MailAddress> recipients)
      throws IOException {
    if (size > capabilities.sizeLimit().orElse(Long.MAX_VALUE)) {
      return peer.here(
          Reason.UNSUPPORTED,
          TOO_BIG,
          "the message has %d octets, the host takes %d"
              .formatted(size, capabilities.sizeLimit().getAsLong()),
          null);
    }
    if (!capabilities.smtpUtf8() && needsUtf8(recipients)) {
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

  /** The MAIL command with those parameters that the peer knows. */
  Command mail(Capabilities capabilities, List<MailAddress> recipients) throws IOException {
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
    return Command.of(line.toString());
  }

  /** RFC 6531 §3.4: the parameter is for messages that have something to show for it. */
  private boolean needsUtf8(List<MailAddress> recipients) throws IOException {
    MailAddress from = envelope.reversePath();
    return (from != null && !ascii(from))
        || !recipients.stream().allMatch(Parcel::ascii)
        || (envelope.smtpUtf8() && needs().utf8Header());
  }

  private static boolean ascii(MailAddress address) {
    return address.toString().chars().allMatch(c -> c < 128);
  }

  private ContentNeeds needs() throws IOException {
    ContentNeeds known = needs;
    if (known == null) {
      try (InputStream stream = content.open()) {
        known = ContentNeeds.of(stream);
      }
      needs = known;
    }
    return known;
  }
}
