package dev.bridgehead.relay.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.mail.Reply;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.eclipse.angus.mail.dsn.DeliveryStatus;
import org.eclipse.angus.mail.dsn.MultipartReport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoticeWriterTest {
  private static final MailAddress SENDER = new MailAddress("sender", "example.org");
  private static final Instant ARRIVED = Instant.parse("2026-03-01T10:00:00Z");
  private static final String ORIGINAL =
      "Subject: the original\r\nFrom: me@example.org\r\n\r\nbody\r\n";

  private record Undelivered(MailAddress recipient, Diagnostic why) {}

  private static byte[] notice(
      String original, boolean smtpUtf8, @Nullable MailAddress from, Undelivered... undelivered) {
    byte[] octets = original.getBytes(StandardCharsets.UTF_8);
    Envelope envelope =
        new Envelope(
            from,
            Arrays.stream(undelivered).map(Undelivered::recipient).toList(),
            BodyType.EIGHT_BIT_MIME,
            smtpUtf8,
            ARRIVED,
            false);
    Notice notice =
        new Notice(
            NoticeKind.FAILED,
            "mail.example.com",
            new QueueId("0000000000000002"),
            SENDER,
            new QueueId("0000000000000001"),
            envelope,
            octets.length,
            IntStream.range(0, undelivered.length)
                .mapToObj(i -> new Concerned(i, new Outcome.Failed(undelivered[i].why())))
                .toList(),
            ARRIVED.plusSeconds(90),
            ARRIVED.plusSeconds(90),
            null);
    byte[] start =
        octets.length > NoticeWriter.MOST_RETURNED
            ? Arrays.copyOf(octets, NoticeWriter.MOST_RETURNED)
            : octets;
    return NoticeWriter.write(notice, start);
  }

  private static Undelivered undelivered(String localPart, String replyText) {
    EnhancedStatus status = new EnhancedStatus(5, 1, 1);
    return new Undelivered(
        new MailAddress(localPart, "example.net"),
        new Diagnostic(
            Reason.REPLY,
            status,
            "mx.example.net refused the recipient",
            "mx.example.net",
            new Reply(550, status, List.of(replyText))));
  }

  private static MimeMessage parsed(byte[] notice) throws Exception {
    return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(notice));
  }

  private static String text(byte[] notice) {
    return new String(notice, StandardCharsets.UTF_8);
  }

  @Test
  void isAReportThatALibraryReads() throws Exception {
    MimeMessage message =
        parsed(notice(ORIGINAL, false, SENDER, undelivered("ann", "No such user")));
    assertThat(message.getContentType()).contains("report-type=delivery-status");
    assertThat(message.getSubject()).isEqualTo("Undelivered mail returned to sender");
    assertThat(message.getHeader("From", null)).contains("<MAILER-DAEMON@mail.example.com>");
    assertThat(message.getHeader("To", null)).isEqualTo("<sender@example.org>");
    assertThat(message.getHeader("Auto-Submitted", null)).isEqualTo("auto-replied");
    assertThat(message.getMessageID()).isEqualTo("<0000000000000002@mail.example.com>");
    assertThat(message.getSentDate()).isEqualTo(ARRIVED.plusSeconds(90));

    MultipartReport report = new MultipartReport(message.getDataHandler().getDataSource());
    assertThat(report.getCount()).isEqualTo(3);
    assertThat(report.getBodyPart(0).getContent().toString())
        .contains("<ann@example.net>")
        .contains("550 5.1.1 No such user");
    DeliveryStatus status = new DeliveryStatus(report.getBodyPart(1).getInputStream());
    assertThat(status.getMessageDSN().getHeader("Reporting-MTA", null))
        .isEqualTo("dns; mail.example.com");
    assertThat(status.getMessageDSN().getHeader("Arrival-Date", null))
        .isEqualTo("Sun, 1 Mar 2026 10:00:00 +0000");
    InternetHeaders recipient = status.getRecipientDSN(0);
    assertThat(recipient.getHeader("Final-Recipient", null)).isEqualTo("rfc822; ann@example.net");
    assertThat(recipient.getHeader("Action", null)).isEqualTo("failed");
    assertThat(recipient.getHeader("Status", null)).isEqualTo("5.1.1");
    assertThat(recipient.getHeader("Remote-MTA", null)).isEqualTo("dns; mx.example.net");
    assertThat(recipient.getHeader("Diagnostic-Code", null))
        .isEqualTo("smtp; 550 5.1.1 No such user");
    assertThat(report.getBodyPart(2).getContentType()).isEqualTo("message/rfc822");
    assertThat(
            new String(
                report.getBodyPart(2).getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
        .isEqualTo(ORIGINAL);
  }

  @Test
  void listsEachRecipient() throws Exception {
    byte[] notice =
        notice(ORIGINAL, false, SENDER, undelivered("ann", "no"), undelivered("ben", "no"));
    MultipartReport report = new MultipartReport(parsed(notice).getDataHandler().getDataSource());
    DeliveryStatus status = new DeliveryStatus(report.getBodyPart(1).getInputStream());
    assertThat(status.getRecipientDSNCount()).isEqualTo(2);
  }

  @Test
  void endsEveryLineWithCrlfAndKeepsItShort() {
    String notice =
        text(
            notice(
                ORIGINAL, false, SENDER, undelivered("ann", "no ".repeat(900) + "x".repeat(3000))));
    assertThat(notice.replace("\r\n", "")).doesNotContain("\n", "\r");
    assertThat(notice.split("\r\n")).allMatch(line -> line.length() <= 998);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\u20ac", "\ud83d\ude00"})
  void cutsAWordThatIsTooLongForALine(String letter) {
    String notice =
        text(notice(ORIGINAL, true, SENDER, undelivered("ann", "no: " + letter.repeat(990))));
    assertThat(notice.split("\r\n"))
        .allMatch(line -> line.getBytes(StandardCharsets.UTF_8).length <= 998);
    assertThat(notice.replaceAll("\r\n *", "")).contains(letter.repeat(900));
  }

  @Test
  void isSevenBitWhereEverythingIs() {
    byte[] notice = notice(ORIGINAL, false, SENDER, undelivered("ann", "no"));
    assertThat(NoticeWriter.eightBit(notice)).isFalse();
    assertThat(text(notice)).doesNotContain("8bit");
  }

  @Test
  void keepsEightBitContentAsItWas() {
    String original = "Subject: x\r\n\r\nGrüße\r\n";
    String notice = text(notice(original, false, SENDER, undelivered("ann", "no")));
    assertThat(notice).contains(original).contains("Content-Transfer-Encoding: 8bit");
  }

  @Test
  void writesInternationalAddressesAsRfc6533Says() {
    String notice = text(notice(ORIGINAL, true, SENDER, undelivered("jürgen", "no")));
    assertThat(notice)
        .contains("Final-Recipient: utf-8; jürgen@example.net")
        .contains("Content-Type: message/global-delivery-status")
        .contains("Content-Type: message/global\r\n");
  }

  @Test
  void letsNoReplyForgeAField() {
    String notice =
        text(notice(ORIGINAL, false, SENDER, undelivered("ann", "bad\té\u0085\u0001 reply")));
    assertThat(notice).contains("Diagnostic-Code: smtp; 550 5.1.1 bad ??? reply");
  }

  @Test
  void returnsTheHeaderOnlyOfALargeMessage() {
    String large = ORIGINAL + "x".repeat(70).concat("\r\n").repeat(1000);
    String notice = text(notice(large, false, SENDER, undelivered("ann", "no")));
    assertThat(notice)
        .contains("Content-Type: text/rfc822-headers")
        .contains("Subject: the original\r\nFrom: me@example.org\r\n\r\n--=_")
        .doesNotContain("xxxx");
  }

  @Test
  void cutsAnEndlessHeaderAfterAWholeLine() {
    String large = "X-Long: y\r\n".repeat(10_000);
    String notice = text(notice(large, false, SENDER, undelivered("ann", "no")));
    assertThat(notice.length()).isLessThan(60_000);
    assertThat(notice).contains("X-Long: y\r\n\r\n--=_").endsWith("--\r\n");
  }

  @Test
  void tellsThePostmasterWhyHeGetsIt() {
    String notice = text(notice(ORIGINAL, false, null, undelivered("ann", "no")));
    assertThat(notice)
        .contains("Subject: Undelivered mail without a return address")
        .contains("the postmaster, can be told");
  }
}
