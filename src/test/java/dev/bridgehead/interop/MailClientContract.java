package dev.bridgehead.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.interop.Letter.Login;
import dev.bridgehead.interop.Letter.Tls;
import dev.bridgehead.testbed.MailPeers;
import dev.bridgehead.testbed.Onward;
import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for every client that others wrote: it submits to the relay, which delivers to a
 * Postfix. How a client is told to do so is all that a subclass has.
 */
@Tag("tier3")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before any test
abstract class MailClientContract {
  private static final String FROM = "a@client.test";
  private static final String TO = "b@x.test";
  private static final String UNKNOWN = "b@elsewhere.test";

  /** Dots, blanks, a long line; ASCII only. */
  private static final String BODY =
      ".\r\n..\r\n.a\r\n\t blanks \r\n" + "x".repeat(990) + "\r\n\r\n \r\nend\r\n";

  /** UTF-8, and octets that are none. Octets as ISO 8859-1. */
  private static final String EIGHT_BIT = "gr\u00c3\u00bc\u00c3\u009fe\r\n.\u00f6\u00e4\u00ff\r\n";

  /** 20 MiB, a dot before every line. */
  private static final String LARGE =
      (".".repeat(2) + "0123456789abcdef".repeat(7).substring(0, 60) + "\r\n").repeat(327_680);

  private Path folder;
  private TestCa ca;
  private PostfixServer sink;
  private RelayUnderTest relay;
  private Wiretap tap;
  private int implicitPort;

  /** Submits it, and says what became of it. */
  abstract Submitted submit(Letter letter) throws Exception;

  /** Of the mechanisms that the relay offers for users, those that it can. */
  List<String> mechanisms() {
    return List.of("PLAIN", "LOGIN");
  }

  /** Whether it announces eight bits with BODY=8BITMIME. */
  boolean declaresEightBits() {
    return false;
  }

  /** Whether it knows SMTPUTF8. */
  boolean speaksUtf8() {
    return false;
  }

  /** Whether it can send by BDAT. */
  boolean sendsChunks() {
    return false;
  }

  /** What it puts into chunks; the relay takes it as it is. */
  String chunked(String content) {
    return content;
  }

  /** Whether it sends to the others where a recipient is refused. */
  boolean goesOnWithTheOthers() {
    return true;
  }

  /** A new folder for its files. */
  Path folder() {
    return folder;
  }

  @BeforeAll
  void start(@TempDir Path shared) throws IOException {
    folder = shared;
    ca = TestCa.in(folder, "test-ca");
    sink = PostfixServer.setup().start();
    implicitPort = MailPeers.freePort();
    relay =
        RelayUnderTest.taking(folder, "x.test", implicitPort, sink.port(), ca.issue(Onward.HOST));
    tap = Wiretap.before(relay.port());
  }

  @AfterAll
  void stop() throws Exception {
    // Where Postfix can't run, the tests are skipped before all of them are there.
    for (AutoCloseable each : Stream.of(tap, relay, sink).filter(Objects::nonNull).toList()) {
      each.close();
    }
  }

  @Test
  void submitsInTheClear() throws Exception {
    arrives(letter("plain", Tls.NONE, BODY), "ESMTP");
  }

  @Test
  void submitsAfterStartTls() throws Exception {
    arrives(letter("starttls", Tls.STARTTLS, BODY), "ESMTPS");
  }

  @Test
  void submitsOverTlsFromTheFirstOctet() throws Exception {
    arrives(letter("implicit tls", Tls.IMPLICIT, BODY), "ESMTPS");
  }

  @ParameterizedTest
  @MethodSource("mechanisms")
  void logsIn(String mechanism) throws Exception {
    Login login = new Login(mechanism, RelayUnderTest.USER, RelayUnderTest.PASSWORD);
    double before = logins(mechanism);
    arrives(letter("login by " + mechanism, Tls.STARTTLS, BODY).with(login), "ESMTPSA");
    assertThat(logins(mechanism)).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @MethodSource("mechanisms")
  void hearsThatThePasswordIsWrong(String mechanism) throws Exception {
    Login login = new Login(mechanism, RelayUnderTest.USER, "wrong");
    Submitted submitted = submit(letter("wrong password", Tls.STARTTLS, BODY).with(login));
    assertThat(submitted.accepted()).as(submitted.said()).isFalse();
    assertThat(submitted.said()).contains("5.7.8 ");
  }

  @Test
  void submitsEightBitContent() throws Exception {
    arrives(letter("8 bit", Tls.NONE, EIGHT_BIT), "ESMTP");
    assertThat(tap.session("X-Mark: 8 bit").matches("(?is).* BODY=8BITMIME.*"))
        .isEqualTo(declaresEightBits());
  }

  @Test
  void submitsToUtf8AddressesOrHearsWhyNot() throws Exception {
    Letter letter =
        letter("utf8", Tls.NONE, EIGHT_BIT)
            .withAddresses("j\u00f6rg@client.test", "b\u00f6b@x.test");
    if (speaksUtf8()) {
      assertThat(arrives(letter, "UTF8SMTP"))
          .contains(utf8("\nDelivered-To: b\u00f6b@x.test\n"))
          .contains(utf8("Return-Path: <j\u00f6rg@client.test>\n"));
    } else {
      Submitted submitted = submit(letter);
      assertThat(submitted.accepted()).as(submitted.said()).isFalse();
      assertThat(submitted.said()).contains("5.6.7 ");
    }
  }

  @Test
  void knowsWhichRecipientIsRefused() throws Exception {
    Letter letter =
        letter("refused", Tls.NONE, BODY).withAddresses(FROM, "one@x.test", UNKNOWN, "two@x.test");
    Submitted submitted = submit(letter);
    assertThat(submitted.refused()).as(submitted.said()).containsExactly(UNKNOWN);
    assertThat(submitted.accepted()).as(submitted.said()).isEqualTo(goesOnWithTheOthers());
    if (goesOnWithTheOthers()) {
      for (String recipient : List.of("one@x.test", "two@x.test")) {
        assertThat(
                sink.awaitMessage(
                    it ->
                        it.contains("X-Mark: refused\n")
                            && it.contains("\nDelivered-To: " + recipient + "\n")))
            .endsWith(stored(letter.content()));
      }
    }
  }

  @Test
  void submitsALargeMessage() throws Exception {
    Letter letter = letter("large", Tls.STARTTLS, LARGE);
    Submitted submitted = submit(letter);
    assertThat(submitted.accepted()).as("accepted").isTrue();
    assertThat(received("large").endsWith(stored(letter.content()))).as("octet for octet").isTrue();
  }

  @Test
  void submitsInChunksOrByData() throws Exception {
    Letter letter = letter("chunks", Tls.NONE, BODY.repeat(20)).inChunks();
    Submitted submitted = submit(letter);
    assertThat(submitted.accepted()).as(submitted.said()).isTrue();
    assertThat(received("chunks")).endsWith(stored(chunked(letter.content())));
    assertThat(tap.session("X-Mark: chunks"))
        .containsIgnoringCase(sendsChunks() ? "\r\nBDAT " : "\r\nDATA\r\n")
        .doesNotContainIgnoringCase(sendsChunks() ? "\r\nDATA\r\n" : "\r\nBDAT ");
  }

  private Letter letter(String mark, Tls tls, String body) {
    String content =
        """
        From: a@client.test\r
        To: b@x.test\r
        Date: Mon, 23 Nov 2026 16:43:06 +0000\r
        Message-ID: <%s@client.test>\r
        Subject: interop\r
        MIME-Version: 1.0\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: 8bit\r
        X-Mark: %s\r
        \r
        """
                .formatted(mark.replace(' ', '-'), mark)
            + body;
    int port = tls == Tls.IMPLICIT ? implicitPort : tap.port();
    return new Letter(port, tls, ca.certificate(), null, FROM, List.of(TO), false, content);
  }

  /**
   * Submits it and waits for it.
   *
   * @param protocol as the relay notes it
   */
  private String arrives(Letter letter, String protocol) throws Exception {
    Submitted submitted = submit(letter);
    assertThat(submitted.accepted()).as(submitted.said()).isTrue();
    assertThat(submitted.refused()).isEmpty();
    String mark = letter.content().replaceFirst("(?s).*X-Mark: ([^\r]*).*", "$1");
    String message = received(mark);
    assertThat(message).contains(" with " + protocol + " id ").endsWith(stored(letter.content()));
    return message;
  }

  private String received(String mark) {
    return sink.awaitMessage(it -> it.contains("X-Mark: " + mark + "\n"));
  }

  private double logins(String mechanism) {
    return relay.logins(mechanism.toLowerCase(Locale.ROOT));
  }

  /** As a Maildir has it. */
  private static String stored(String content) {
    return "\n" + content.replace("\r\n", "\n");
  }

  private static String utf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }
}
