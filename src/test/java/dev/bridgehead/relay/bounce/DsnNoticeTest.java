package dev.bridgehead.relay.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.DsnParameters.Return;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.mail.Reply;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.eclipse.angus.mail.dsn.DeliveryStatus;
import org.eclipse.angus.mail.dsn.MultipartReport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Notices of every kind, with what their senders asked for (RFC 3461, RFC 3464). */
class DsnNoticeTest {
  private static final MailAddress ALICE = new MailAddress("Alice", "example.org");
  private static final MailAddress BOB = new MailAddress("Bob", "example.com");
  private static final Instant ARRIVED = Instant.parse("2026-03-01T10:00:00Z");
  private static final String ORIGINAL = "Subject: the original\r\n\r\nbody\r\n";
  private static final Outcome FAILED =
      new Outcome.Failed(
          new Diagnostic(
              Reason.REPLY,
              new EnhancedStatus(5, 1, 1),
              "mx said no",
              "mx.example.com",
              new Reply(550, new EnhancedStatus(5, 1, 1), List.of("no such user"))));
  private static final Outcome DEFERRED =
      new Outcome.Deferred(
          new Diagnostic(
              Reason.TIMEOUT, new EnhancedStatus(4, 4, 1), "no answer", "mx.example.com", null));
  private static final Outcome DELIVERED =
      new Outcome.Delivered("mx.example.com", new Reply(250, null, List.of("Ok")));

  /** RFC 3461 §10.3: the relay into an environment without DSN. */
  @Test
  void tellsOfMailThatWasHandedOn() throws Exception {
    DsnParameters dsn =
        dsn(Return.HDRS, "QQ314159", Set.of(Notify.SUCCESS), "rfc822;Bob@Example.COM");
    byte[] notice = notice(NoticeKind.RELAYED, dsn, false, DELIVERED, null);

    DeliveryStatus status = status(notice);
    assertThat(status.getMessageDSN().getHeader("Original-Envelope-Id", null))
        .isEqualTo("QQ314159");
    InternetHeaders bob = status.getRecipientDSN(0);
    assertThat(bob.getHeader("Original-Recipient", null)).isEqualTo("rfc822; Bob@Example.COM");
    assertThat(bob.getHeader("Final-Recipient", null)).isEqualTo("rfc822; Bob@example.com");
    assertThat(bob.getHeader("Action", null)).isEqualTo("relayed");
    assertThat(bob.getHeader("Status", null)).isEqualTo("2.0.0");
    assertThat(bob.getHeader("Remote-MTA", null)).isEqualTo("dns; mx.example.com");
    assertThat(text(notice)).contains("handed on to the next mail server").doesNotContain("body\r");
  }

  /** RFC 3461 §10.4: the failure, with the recipient as its sender named him. */
  @Test
  void tellsOfAFailure() throws Exception {
    DsnParameters dsn =
        dsn(Return.FULL, "QQ314159", Set.of(Notify.FAILURE), "rfc822;Bob+2BTag@Example.COM");
    byte[] notice = notice(NoticeKind.FAILED, dsn, false, FAILED, null);

    InternetHeaders bob = status(notice).getRecipientDSN(0);
    assertThat(bob.getHeader("Original-Recipient", null)).isEqualTo("rfc822; Bob+Tag@Example.COM");
    assertThat(bob.getHeader("Action", null)).isEqualTo("failed");
    assertThat(bob.getHeader("Status", null)).isEqualTo("5.1.1");
    assertThat(bob.getHeader("Diagnostic-Code", null)).isEqualTo("smtp; 550 5.1.1 no such user");
    assertThat(bob.getHeader("Will-Retry-Until")).isNull();
    assertThat(text(notice)).contains("message/rfc822").contains("body\r\n");
  }

  /** RFC 3464 §2.3.9. */
  @Test
  void tellsOfADelayAndUntilWhenItIsTried() throws Exception {
    byte[] notice =
        notice(
            NoticeKind.DELAYED, DsnParameters.NONE, false, DEFERRED, ARRIVED.plusSeconds(432_000));

    InternetHeaders bob = status(notice).getRecipientDSN(0);
    assertThat(bob.getHeader("Action", null)).isEqualTo("delayed");
    assertThat(bob.getHeader("Status", null)).isEqualTo("4.4.1");
    assertThat(bob.getHeader("Diagnostic-Code", null)).isEqualTo("X-Bridgehead; no answer");
    assertThat(bob.getHeader("Last-Attempt-Date", null))
        .isEqualTo("Sun, 1 Mar 2026 10:01:30 +0000");
    assertThat(bob.getHeader("Will-Retry-Until", null)).isEqualTo("Fri, 6 Mar 2026 10:00:00 +0000");
    assertThat(text(notice))
        .contains("you need not send your message again")
        .contains("It is tried again until Fri, 6 Mar 2026")
        .contains("text/rfc822-headers");
  }

  /** RFC 3464 §2.3.7. */
  @Test
  void namesNoLastAttemptWhereNoneWasMade() throws Exception {
    byte[] byHand = notice(NoticeKind.FAILED, DsnParameters.NONE, false, FAILED, null, null);
    assertThat(status(byHand).getRecipientDSN(0).getHeader("Last-Attempt-Date")).isNull();

    Outcome unasked =
        new Outcome.Deferred(
            new Diagnostic(
                Reason.DEAD_HOST, new EnhancedStatus(4, 4, 1), "did not answer", null, null));
    byte[] delayed = notice(NoticeKind.DELAYED, DsnParameters.NONE, false, unasked, null);
    assertThat(status(delayed).getRecipientDSN(0).getHeader("Last-Attempt-Date")).isNull();
  }

  @Test
  void returnsTheHeaderOnlyWhereNoMoreWasAskedFor() {
    DsnParameters dsn = dsn(Return.HDRS, null, null, null);

    assertThat(text(notice(NoticeKind.FAILED, dsn, false, FAILED, null)))
        .contains("text/rfc822-headers")
        .contains("Subject: the original")
        .doesNotContain("body\r");
  }

  @Test
  void showsAnInternationalOriginalRecipient() throws Exception {
    DsnParameters dsn = dsn(null, null, null, "utf-8;j\\x{F6}rg@x.example");

    assertThat(text(notice(NoticeKind.FAILED, dsn, true, FAILED, null)))
        .contains("Original-Recipient: utf-8; j\u00f6rg@x.example");
    assertThat(text(notice(NoticeKind.FAILED, dsn, false, FAILED, null)))
        .contains("Original-Recipient: utf-8; j\\x{F6}rg@x.example");
  }

  @Test
  void neverBreaksALineWithWhatAClientEncoded() {
    DsnParameters dsn = dsn(null, "a+0D+0Ab", null, "rfc822;a+0D+0ASubject:+20forged");

    assertThat(text(notice(NoticeKind.FAILED, dsn, false, FAILED, null)))
        .doesNotContain("\nSubject: forged")
        .contains("Original-Envelope-Id: a+0D+0Ab");
  }

  @Test
  void isWantedAsTheClientSaid() {
    assertThat(wanted(null, ALICE)).containsExactly(NoticeKind.FAILED, NoticeKind.DELAYED);
    assertThat(wanted(Set.of(), ALICE)).isEmpty();
    assertThat(wanted(Set.of(Notify.SUCCESS), ALICE)).containsExactly(NoticeKind.RELAYED);
    assertThat(wanted(EnumSet.allOf(Notify.class), ALICE)).hasSize(3);
  }

  @Test
  void isOnlyAboutFailureWhereThereIsNoReturnAddress() {
    assertThat(wanted(EnumSet.allOf(Notify.class), null)).containsExactly(NoticeKind.FAILED);
    assertThat(wanted(Set.of(), null)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(NoticeKind.class)
  void tellsOfOneKindOfOutcome(NoticeKind kind) {
    long fitting = List.of(FAILED, DEFERRED, DELIVERED).stream().filter(kind::tellsOf).count();
    assertThat(fitting).isEqualTo(1);
    Outcome other = kind == NoticeKind.FAILED ? DELIVERED : FAILED;
    assertThatThrownBy(() -> notice(kind, DsnParameters.NONE, false, other, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<NoticeKind> wanted(
      @Nullable Set<Notify> notifyOn, @Nullable MailAddress from) {
    Envelope envelope = envelope(from, dsn(null, null, notifyOn, null), false);
    return List.of(NoticeKind.values()).stream().filter(it -> it.wanted(envelope, 0)).toList();
  }

  private static DsnParameters dsn(
      @Nullable Return returned,
      @Nullable String envelopeId,
      @Nullable Set<Notify> notifyOn,
      @Nullable String originalRecipient) {
    return new DsnParameters(
        returned,
        envelopeId,
        Collections.singletonList(new ForRecipient(notifyOn, originalRecipient)));
  }

  private static Envelope envelope(
      @Nullable MailAddress from, DsnParameters dsn, boolean international) {
    return new Envelope(from, List.of(BOB), BodyType.SEVEN_BIT, international, ARRIVED, false, dsn);
  }

  private static byte[] notice(
      NoticeKind kind,
      DsnParameters dsn,
      boolean international,
      Outcome outcome,
      @Nullable Instant triedUntil) {
    return notice(kind, dsn, international, outcome, ARRIVED.plusSeconds(90), triedUntil);
  }

  private static byte[] notice(
      NoticeKind kind,
      DsnParameters dsn,
      boolean international,
      Outcome outcome,
      @Nullable Instant lastAttempt,
      @Nullable Instant triedUntil) {
    byte[] original = ORIGINAL.getBytes(StandardCharsets.US_ASCII);
    return NoticeWriter.write(
        new Notice(
            kind,
            "mail.example.com",
            new QueueId("0000000000000002"),
            ALICE,
            new QueueId("0000000000000001"),
            envelope(ALICE, dsn, international),
            original.length,
            List.of(new Concerned(0, outcome)),
            ARRIVED.plusSeconds(90),
            lastAttempt,
            triedUntil),
        original);
  }

  private static DeliveryStatus status(byte[] notice) throws MessagingException, IOException {
    MimeMessage message =
        new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(notice));
    MultipartReport report = new MultipartReport(message.getDataHandler().getDataSource());
    return new DeliveryStatus(report.getBodyPart(1).getInputStream());
  }

  private static String text(byte[] notice) {
    return new String(notice, StandardCharsets.UTF_8);
  }
}
