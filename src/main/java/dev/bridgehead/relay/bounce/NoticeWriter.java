package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.DsnParameters.Return;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.mail.Xtext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Writes a notice as a message: multipart/report (RFC 6522) of a text for people, the
 * delivery-status for programs (RFC 3464) and the message it is about, or only that message's
 * header. Lines end with CRLF. The original goes through octet by octet, so that eight-bit content
 * stays what it was; a notice without any is seven-bit, fit for every next hop.
 */
public final class NoticeWriter {
  /** Octets. A larger message comes back as its header only. */
  public static final int MOST_RETURNED = 50 << 10;

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Notice notice;
  private final List<String> text;
  private final boolean eightBit;
  private final String boundary;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private NoticeWriter(Notice notice, byte[] original) {
    this.notice = notice;
    this.text = HumanText.lines(notice);
    this.eightBit =
        international() || eightBit(original) || text.stream().anyMatch(line -> !ascii(line));
    this.boundary = "=_" + notice.id() + "/" + notice.hostname(); // "=_": never in quoted-printable
  }

  /**
   * @param original the first {@link #MOST_RETURNED} octets of the message that the notice is about
   * @return the content of the notice
   */
  public static byte[] write(Notice notice, byte[] original) {
    NoticeWriter writer = new NoticeWriter(notice, original);
    writer.header();
    writer.part("text/plain; charset=utf-8", writer.eightBit);
    writer.text.forEach(writer::line);
    writer.statusPart();
    writer.originalPart(original);
    return writer.out.toByteArray();
  }

  /** Whether a content needs 8BITMIME. */
  public static boolean eightBit(byte[] content) {
    for (byte octet : content) {
      if (octet < 0) {
        return true;
      }
    }
    return false;
  }

  private void header() {
    line("From: Mail Delivery System <MAILER-DAEMON@" + notice.hostname() + ">");
    line("To: <" + notice.to() + ">");
    line("Subject: " + HumanText.subject(notice));
    line("Date: " + date(notice.now()));
    line("Message-ID: <" + notice.id() + "@" + notice.hostname() + ">");
    line("Auto-Submitted: auto-replied");
    if (notice.original().tls() == TlsRequirement.OPTIONAL) { // RFC 8689 §6
      line("TLS-Required: No");
    }
    line("MIME-Version: 1.0");
    line("Content-Type: multipart/report; report-type=delivery-status;");
    line("\tboundary=\"" + boundary + "\"");
    line("Content-Transfer-Encoding: " + encoding(eightBit));
    line("");
    line("This is a message in MIME format (RFC 2045).");
  }

  private void statusPart() {
    boolean international = international();
    part(
        international ? "message/global-delivery-status" : "message/delivery-status",
        international);
    String envelopeId = notice.original().dsn().envelopeId();
    if (envelopeId != null) {
      Fields.folded(
              "Original-Envelope-Id", Fields.ascii(Xtext.decoded(envelopeId).orElse(envelopeId)))
          .forEach(this::line);
    }
    line("Reporting-MTA: dns; " + notice.hostname());
    line("X-Queue-ID: " + notice.about());
    line("Arrival-Date: " + date(notice.original().arrived()));
    for (Concerned each : notice.recipients()) {
      line("");
      RecipientFields.lines(notice, each, international).forEach(this::line);
    }
  }

  private void originalPart(byte[] original) {
    if (returnsContent(notice)) {
      part(international() ? "message/global" : "message/rfc822", eightBit(original));
      out.writeBytes(original);
    } else {
      part(international() ? "message/global-headers" : "text/rfc822-headers", eightBit(original));
      out.write(original, 0, headerEnd(original));
    }
    line("");
    line("--" + boundary + "--");
  }

  /**
   * RFC 3461 §4.3: RET is for failures, and for other notices the header will do. A large message
   * does not travel back, whatever was asked: the reports of one sending could fill a mailbox. Nor
   * does one under REQUIRETLS, which the way back may not offer (RFC 8689 §5).
   */
  static boolean returnsContent(Notice notice) {
    return notice.kind() == NoticeKind.FAILED
        && notice.original().tls() != TlsRequirement.REQUIRED
        && notice.original().dsn().returned() != Return.HDRS
        && notice.size() <= MOST_RETURNED;
  }

  /** Where the header's last whole line ends. */
  private static int headerEnd(byte[] message) {
    int end = 0;
    for (int i = 0; i < message.length; i++) {
      if (message[i] == '\n') {
        boolean blank = i == end || (i == end + 1 && message[end] == '\r');
        if (blank) {
          break;
        }
        end = i + 1;
      }
    }
    return end;
  }

  private void part(String type, boolean eightBit) {
    line("");
    line("--" + boundary);
    line("Content-Type: " + type);
    line("Content-Transfer-Encoding: " + encoding(eightBit));
    line("");
  }

  private static String encoding(boolean eightBit) {
    return eightBit ? "8bit" : "7bit";
  }

  /** Addresses or header fields in UTF-8 (RFC 6533). */
  private boolean international() {
    return notice.original().smtpUtf8();
  }

  static String date(Instant instant) {
    return DATE.format(instant);
  }

  /** An address for a field that ASCII only may enter. */
  static String address(MailAddress address, boolean international) {
    return international ? address.toString() : Fields.ascii(address.toString());
  }

  private static boolean ascii(String line) {
    return line.chars().allMatch(c -> c < 128);
  }

  private void line(String line) {
    out.writeBytes(line.getBytes(StandardCharsets.UTF_8));
    out.write('\r');
    out.write('\n');
  }
}
