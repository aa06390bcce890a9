package dev.bridgehead.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.MailPeer;
import dev.bridgehead.testbed.MailPeers;
import dev.bridgehead.testbed.Onward;
import dev.bridgehead.testbed.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What holds between the relay and every mail server that others wrote. "Takes" is the server as
 * next hop of the relay, "sends" the relay as next hop of the server.
 */
@Tag("tier3")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before any test
abstract class MailPeerContract {
  private static final String TO = "<b@x.test>";
  private static final String FROM = "<a@client.test>";

  /** Dots, blanks, eight bits, a long line. Octets as ISO 8859-1. */
  private static final String BODY =
      ".\r\n..\r\n.a\r\n\t blanks \r\n\u00f6\u00e4\r\n" + "x".repeat(990) + "\r\n\r\n \r\nend\r\n";

  private static final String DSN_MAIL = " RET=HDRS ENVID=QQ314159";
  private static final String DSN_RCPT = " NOTIFY=SUCCESS ORCPT=rfc822;first@x.test";

  /** 10 MiB, a dot before every line. */
  private static final String LARGE =
      (".".repeat(2) + "0123456789abcdef".repeat(7).substring(0, 60) + "\r\n").repeat(163_840);

  private Path folder;
  private TestCa ca;
  private RelayUnderTest keeper;
  private Wiretap tap;
  private MailPeer peer;

  /** Starts the server. */
  abstract MailPeer start(TestCa.Identity identity, Onward onward) throws IOException;

  /** The keywords of its reply to EHLO in clear text. */
  abstract Set<String> offers();

  /** Whether TLS comes about where it is the server. */
  boolean shakesHands() {
    return true;
  }

  /** What its report of success has, where it offers DSN. */
  String reportOfSuccess() {
    return "(?i)\nOriginal-Envelope-Id: QQ314159\n";
  }

  /** Whether it refuses parameters of MAIL that it does not offer. */
  boolean refusesWhatItDoesNotOffer() {
    return true;
  }

  /** Whether it uses CHUNKING where it is offered. */
  boolean sendsChunks() {
    return false;
  }

  @BeforeAll
  void start(@TempDir Path shared) throws IOException {
    folder = shared;
    ca = TestCa.in(folder, "test-ca");
    int port = MailPeers.freePort();
    keeper = RelayUnderTest.keeping(folder, port, ca.issue(Onward.HOST));
    tap = Wiretap.before(port);
    peer =
        start(
            ca.issue(RelayUnderTest.HOP),
            new Onward(tap.port(), ca.certificate(), RelayUnderTest.USER, RelayUnderTest.PASSWORD));
  }

  @AfterAll
  void stop() throws Exception {
    // Where the server can't run, the tests are skipped before all of them are there.
    for (AutoCloseable each : Stream.of(peer, tap, keeper).filter(Objects::nonNull).toList()) {
      each.close();
    }
  }

  @Test
  void offersWhatWasSeenOfIt() throws IOException {
    assertThat(Submission.extensions(peer.port())).isEqualTo(offers());
  }

  @Test
  void takesAMessageOctetForOctet() throws IOException {
    String content = content("octets in", BODY);
    try (RelayUnderTest relay = relay("None")) {
      Submission.byData(relay.port(), FROM + " BODY=8BITMIME", TO, content);
      assertThat(taken("octets in")).endsWith(stored(content));
    }
  }

  @Test
  void takesByDataWhatCameInChunks() throws IOException {
    String content = content("chunks in", BODY);
    try (Wiretap between = Wiretap.before(peer.port());
        RelayUnderTest relay =
            RelayUnderTest.sendingTo(folder, between.port(), "None", false, ca)) {
      Submission.byChunks(relay.port(), FROM + " BODY=8BITMIME", TO, content);
      assertThat(taken("chunks in")).endsWith(stored(content));
      assertThat(between.session("X-Mark: chunks in"))
          .contains("\r\nDATA\r\n")
          .doesNotContain("BDAT");
    }
  }

  @Test
  void takesMailOverVerifiedTlsOrNone() throws IOException {
    try (RelayUnderTest relay = relay("Verified")) {
      Submission.byData(relay.port(), FROM, TO, content("tls in", BODY));
      if (shakesHands()) {
        assertThat(taken("tls in")).containsPattern("(?i) with esmtps ");
      } else {
        relay.awaitDeferral("tls");
        assertThat(peer.messages()).noneMatch(it -> it.contains("X-Mark: tls in"));
      }
    }
  }

  @Test
  void takesMailOverOpportunisticTls() throws IOException {
    try (RelayUnderTest relay = relay("Opportunistic")) {
      Submission.byData(relay.port(), FROM, TO, content("any tls in", BODY));
      assertThat(taken("any tls in"))
          .containsPattern(shakesHands() ? "(?i) with esmtps " : "(?i) with esmtp ");
    }
  }

  @Test
  void takesMailAfterALoginOrNone() throws IOException {
    try (RelayUnderTest relay =
        RelayUnderTest.sendingTo(folder, peer.port(), "Verified", true, ca)) {
      Submission.byData(relay.port(), FROM, TO, content("login in", BODY));
      if (shakesHands()) {
        assertThat(taken("login in")).containsPattern("(?i) with esmtpsa ");
      } else {
        relay.awaitDeferral("tls");
      }
    }
  }

  @Test
  void takesUtf8AddressesOrTheSenderIsTold() throws IOException {
    String content = content("utf8 in", "hello\r\n").replace("interop", utf8("gr\u00fc\u00dfe"));
    try (RelayUnderTest relay = relay("None")) {
      Submission.byData(
          relay.port(), FROM + " BODY=8BITMIME SMTPUTF8", "<b\u00f6b@x.test>", content);
      if (offers().contains("SMTPUTF8")) {
        assertThat(taken("utf8 in")).endsWith(stored(content)).contains(utf8("b\u00f6b@x.test"));
      } else {
        assertThat(taken("utf8 in")).contains("multipart/report", "\nStatus: 5.6.7\n");
      }
    }
  }

  @Test
  void reportsSuccessOrTheRelayDoes() throws IOException {
    try (RelayUnderTest relay = relay("None")) {
      Submission.byData(relay.port(), FROM + DSN_MAIL, TO + DSN_RCPT, content("dsn in", "x\r\n"));
      String report = received(it -> isReport(it) && it.contains("X-Mark: dsn in"));
      if (offers().contains("DSN")) {
        assertThat(report).containsPattern(reportOfSuccess());
      } else {
        assertThat(report)
            .contains("\nReporting-MTA: dns; mail.example.com\n", "\nAction: relayed\n")
            .contains("\nOriginal-Envelope-Id: QQ314159\n");
      }
    }
  }

  @Test
  void takesALargeMessage() throws IOException {
    String content = content("large in", LARGE);
    try (RelayUnderTest relay = relay("Opportunistic")) {
      Submission.byData(relay.port(), FROM, TO, content);
      assertThat(taken("large in").endsWith(stored(content))).isTrue();
    }
  }

  @Test
  void refusesAndTheSenderIsToldWhy() throws IOException {
    try (RelayUnderTest relay = relay("None")) {
      Submission.byData(
          relay.port(), FROM, "<" + MailPeer.NOBODY + ">", content("refused in", "x\r\n"));
      assertThat(taken("refused in"))
          .contains("\nFinal-Recipient: rfc822; " + MailPeer.NOBODY + "\n")
          .containsPattern("\nDiagnostic-Code: smtp; 5[0-9][0-9][ -]");
    }
  }

  @Test
  void sendsAMessageOctetForOctet() throws IOException {
    String content = content("octets out", BODY);
    Submission.byData(peer.port(), FROM + " BODY=8BITMIME", to(Onward.PLAIN), content);
    assertThat(sent("octets out")).contains(" with ESMTP id ").endsWith("\r\n" + content);
    assertThat(tap.session("X-Mark: octets out"))
        .contains(sendsChunks() ? "\r\nBDAT " : "\r\nDATA\r\n")
        .doesNotContain(sendsChunks() ? "\r\nDATA\r\n" : "\r\nBDAT ");
  }

  @Test
  void sendsOverVerifiedTls() throws IOException {
    Submission.byData(peer.port(), FROM, to(Onward.TLS), content("tls out", BODY));
    assertThat(sent("tls out")).contains(" with ESMTPS id ");
  }

  @Test
  void sendsAfterALogin() throws IOException {
    Submission.byData(peer.port(), FROM, to(Onward.LOGIN), content("login out", BODY));
    assertThat(sent("login out")).contains(" with ESMTPSA id ");
  }

  @Test
  void sendsUtf8OrTakesNone() throws IOException {
    String from = "<j\u00f6rg@client.test> BODY=8BITMIME SMTPUTF8";
    if (offers().contains("SMTPUTF8")) {
      Submission.byData(
          peer.port(), from, "<b\u00f6b@" + Onward.PLAIN + ">", content("utf8 out", "x\r\n"));
      assertThat(sent("utf8 out"))
          .contains(" with UTF8SMTP id ")
          .contains(utf8("Return-Path: <j\u00f6rg@client.test>"))
          .contains(utf8("Delivered-To: b\u00f6b@" + Onward.PLAIN));
    } else {
      assertThat(Submission.mail(peer.port(), from)).startsWith("5");
    }
  }

  @Test
  void passesDsnParametersOnOrTakesNone() throws IOException {
    if (offers().contains("DSN")) {
      String content = content("dsn out", "x\r\n");
      Submission.byData(peer.port(), FROM + DSN_MAIL, to(Onward.PLAIN) + DSN_RCPT, content);
      String report = kept(it -> isReport(it) && it.contains("X-Mark: dsn out"));
      assertThat(report)
          .contains("\nOriginal-Envelope-Id: QQ314159\r\n")
          .contains("\nOriginal-Recipient: rfc822; first@x.test\r\n")
          .contains("\nAction: relayed\r\n");
      assertThat(tap.session("X-Mark: dsn out")).containsIgnoringCase(" RET=HDRS");
    } else {
      assertThat(Submission.mail(peer.port(), FROM + DSN_MAIL))
          .startsWith(refusesWhatItDoesNotOffer() ? "5" : "250");
    }
  }

  @Test
  void sendsALargeMessage() throws IOException {
    String content = content("large out", LARGE);
    Submission.byData(peer.port(), FROM, to(Onward.TLS), content);
    assertThat(sent("large out").endsWith("\r\n" + content)).isTrue();
  }

  @Test
  void tellsItsSenderWhatTheRelayRefused() throws IOException {
    String content = content("refused out", "x\r\n");
    Submission.byData(peer.port(), FROM, to(Onward.REFUSED), content);
    assertThat(taken("refused out")).contains("550 5.7.1 relaying denied");
  }

  private RelayUnderTest relay(String mode) throws IOException {
    return RelayUnderTest.sendingTo(folder, peer.port(), mode, false, ca);
  }

  /** As a Maildir has it. */
  private static String stored(String content) {
    return "\n" + content.replace("\r\n", "\n");
  }

  private static String utf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }

  private static boolean isReport(String message) {
    return message.contains("message/delivery-status");
  }

  private String taken(String mark) {
    return received(it -> it.contains("X-Mark: " + mark));
  }

  private String received(Predicate<String> wanted) {
    try {
      return peer.awaitMessage(wanted);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(peer.log(), e);
    }
  }

  private String sent(String mark) {
    return kept(it -> it.contains("X-Mark: " + mark));
  }

  private String kept(Predicate<String> wanted) {
    try {
      return keeper.awaitMessage(wanted);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(peer.log(), e);
    }
  }

  private static String to(String domain) {
    return "<b@" + domain + ">";
  }

  private static String content(String mark, String body) {
    return """
        From: a@client.test\r
        To: b@x.test\r
        Date: Mon, 23 Nov 2026 16:43:06 +0000\r
        Message-ID: <%s@client.test>\r
        Subject: interop\r
        X-Mark: %s\r
        \r
        """
            .formatted(mark.replace(' ', '-'), mark)
        + body;
  }
}
