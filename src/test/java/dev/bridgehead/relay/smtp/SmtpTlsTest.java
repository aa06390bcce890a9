package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.testbed.SelfSigned;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said around TLS and inside it. */
@Timeout(120)
class SmtpTlsTest {
  private static final SelfSigned SERVER = SelfSigned.of(ServerUnderTest.HOSTNAME);
  private static final SSLContext CLIENT = TlsClients.trusting(SERVER);

  private static ServerUnderTest server() throws IOException {
    return ServerUnderTest.start(TlsClients.config(SERVER));
  }

  /** After STARTTLS and the handshake. */
  private static RawClient secured(ServerUnderTest server) throws IOException {
    RawClient client = server.session();
    assertThat(client.ask("STARTTLS")).isEqualTo("220 2.0.0 ready to start TLS");
    return client.secure(CLIENT);
  }

  @Test
  void ehloOffersStartTlsUntilItHasBeenUsed() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("EHLO client.example")).contains("STARTTLS");
      assertThat(client.ask("STARTTLS")).startsWith("220 2.0.0");
      client.secure(CLIENT);
      assertThat(client.ask("EHLO client.example")).startsWith("250").doesNotContain("STARTTLS");
      assertThat(client.ask("STARTTLS")).isEqualTo("503 5.5.1 TLS is active already");
      assertThat(client.ask("NOOP")).startsWith("250");
      assertThat(handshakes(server, "done")).isEqualTo(1);
    }
  }

  @Test
  void withoutACertificateThereIsNoStartTls() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("EHLO client.example")).doesNotContain("STARTTLS");
      assertThat(client.ask("STARTTLS")).startsWith("502 5.5.1");
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }

  @Test
  void startTlsTakesNoArgument() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.session()) {
      assertThat(client.ask("STARTTLS now")).startsWith("501 5.5.4");
      assertThat(client.ask("STARTTLS")).startsWith("220");
    }
  }

  @Test
  void aMessageSaysByWhatTlsItCame() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask("EHLO client.example");
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("Subject: x\r\n\r\nhello")).startsWith("250 2.0.0 queued as");
      assertThat(client.ask("QUIT")).startsWith("221");
      assertThat(client.rest()).isEmpty();
      assertThat(server.spool.only().text())
          .startsWith(
              "Received: from client.example ([127.0.0.1])\r\n"
                  + "\t(using TLSv1.3 with cipher "
                  + client.tls().getCipherSuite()
                  + ")\r\n"
                  + "\tby mail.example.com with ESMTPS id ");
    }
  }

  @ParameterizedTest
  @CsvSource({"HELO,'',SMTP", "EHLO,'',ESMTPS", "EHLO,' SMTPUTF8',UTF8SMTPS"})
  void theProtocolOfReceivedIsARegisteredOne(String hello, String parameter, String protocol)
      throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask(hello + " client.example");
      client.ask("MAIL FROM:<a@client.example>" + parameter);
      client.ask("RCPT TO:<b@example.org>");
      client.message("hello");
      assertThat(server.spool.only().text()).contains(" with " + protocol + " id ");
    }
  }

  /** RFC 3207 section 4.2. */
  @Test
  @DisplayName("case 08: nothing that was said before the handshake counts")
  void nothingFromBeforeTheHandshakeSurvives() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.transaction()) {
      assertThat(client.ask("STARTTLS")).startsWith("220");
      client.secure(CLIENT);
      assertThat(client.ask("DATA")).startsWith("503 5.5.1");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("503 5.5.1");
      assertThat(client.ask("MAIL FROM:<a@b.example>"))
          .isEqualTo("503 5.5.1 send EHLO or HELO first");
      client.ask("EHLO other.example");
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("250");
      assertThat(client.ask("DATA")).startsWith("554 5.5.1 no valid recipients");
    }
  }

  @Test
  @DisplayName("case 08: no chunk of a message that began in the clear is in one that came by TLS")
  void noChunkFromBeforeTheHandshakeSurvives() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.transaction()) {
      assertThat(client.ask("BDAT 6\r\nevil")).startsWith("250 2.0.0 6 octets");
      assertThat(client.ask("STARTTLS")).startsWith("220");
      client.secure(CLIENT);
      assertThat(client.ask("BDAT 6 LAST\r\nmore")).startsWith("503 5.5.1 send MAIL first");
      client.ask("EHLO client.example");
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250");
      assertThat(client.ask("BDAT 6 LAST\r\ngood")).startsWith("250 2.0.0 queued");
      assertThat(server.spool.only().text())
          .contains(" with ESMTPS id ")
          .endsWith("good\r\n")
          .doesNotContain("evil", "more");
    }
  }

  @Test
  void chunksComeInsideTlsAndARefusedOneIsSkipped() throws IOException {
    String big = "x".repeat(40_000) + "\r\n";
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.ask("EHLO client.example")).contains("250-CHUNKING\n");
      assertThat(client.ask("BDAT 6\r\nQUIT")).startsWith("503 5.5.1");
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.send("BDAT 40002\r\n" + big).reply()).startsWith("250 2.0.0 40002");
      assertThat(client.send("BDAT 40002 LAST\r\n" + big + "NOOP\r\n").reply())
          .startsWith("250 2.0.0 queued");
      assertThat(client.reply()).isEqualTo("250 2.0.0 ok");
      assertThat(server.spool.only().text()).endsWith(big + big);
    }
  }

  /** Otherwise a handshake in the middle would set the limit back. */
  @Test
  void errorsCountOnAfterTheHandshake() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.session()) {
      for (int i = 0; i < 15; i++) {
        client.ask("FOO");
      }
      client.ask("STARTTLS");
      client.secure(CLIENT);
      client.ask("EHLO client.example");
      for (int i = 0; i < 4; i++) {
        assertThat(client.ask("FOO")).startsWith("500");
      }
      assertThat(client.ask("FOO")).isEqualTo("421 4.7.0 too many errors");
    }
  }

  @Test
  void whereTlsIsRequiredMailWaitsForIt() throws IOException {
    InboundTls required = new InboundTls(SERVER.keyPair(), true, null);
    try (ServerUnderTest server =
            ServerUnderTest.start(
                TlsClients.with(ServerUnderTest.config(true, null, "*"), required));
        RawClient client = server.session()) {
      String answer = "530 5.7.0 must issue a STARTTLS command first";
      assertThat(client.ask("MAIL FROM:<a@client.example>")).isEqualTo(answer);
      assertThat(client.ask("RCPT TO:<b@example.org>")).isEqualTo(answer);
      assertThat(client.ask("VRFY b@example.org")).isEqualTo(answer);
      assertThat(client.ask("AUTH PLAIN")).isEqualTo(answer);
      assertThat(client.ask("NOOP")).startsWith("250");
      assertThat(server.refused(Refusal.TLS_REQUIRED)).isEqualTo(4);
      client.ask("STARTTLS");
      client.secure(CLIENT).ask("EHLO client.example");
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("hello")).startsWith("250");
    }
  }

  @Test
  void theOtherPortBeginsWithTls() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = new RawClient(server.server().implicitTlsPort())) {
      client.secure(CLIENT);
      assertThat(client.reply()).isEqualTo("220 mail.example.com ESMTP Bridgehead");
      assertThat(client.ask("EHLO client.example")).doesNotContain("STARTTLS");
      assertThat(client.ask("STARTTLS")).startsWith("503");
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("hello")).startsWith("250");
      assertThat(server.spool.only().text()).contains(" with ESMTPS id ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bigMessagesComeWholeInEveryVersion(String version) throws IOException {
    String body = "0123456789 ".repeat(7).concat("\r\n").repeat(1100);
    try (ServerUnderTest server = server();
        RawClient client = server.session()) {
      client.ask("STARTTLS");
      client.secure(TlsClients.trusting(SERVER.certificate(), version));
      assertThat(client.tls().getProtocol()).isEqualTo(version);
      client.ask("EHLO client.example");
      for (int i = 1; i <= 3; i++) {
        client.ask("MAIL FROM:<a@client.example>");
        client.ask("RCPT TO:<b@example.org>");
        assertThat(client.message("Subject: x\r\n\r\n" + body)).startsWith("250");
        assertThat(server.spool.kept.get(i - 1).text()).endsWith("\r\n\r\n" + body + "\r\n");
      }
    }
  }

  @Test
  void aPipelinedTransactionInOneRecordIsAnsweredWhole() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.send(
          "EHLO client.example\r\nMAIL FROM:<a@client.example>\r\n"
              + "RCPT TO:<b@example.org>\r\n".repeat(500)
              + "DATA\r\n");
      assertThat(client.reply()).startsWith("250-");
      for (int i = 0; i < 501; i++) {
        assertThat(client.reply()).startsWith("250 ");
      }
      assertThat(client.reply()).startsWith("354");
      assertThat(client.send("hello\r\n.\r\nQUIT\r\n").rest())
          .isEqualTo("250 2.0.0 queued as TEST00000001\n221 2.0.0 bye\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aNewCertificateServesFromTheNextHandshakeOn(String version) throws IOException {
    SelfSigned next = SelfSigned.of(ServerUnderTest.HOSTNAME, "RSA", 2048, Duration.ofDays(1));
    SSLContext first = TlsClients.trusting(SERVER.certificate(), version);
    SSLContext second = TlsClients.trusting(next.certificate(), version);
    try (ServerUnderTest server = server();
        RawClient early = server.session();
        RawClient late = server.session();
        RawClient old = server.session()) {
      early.ask("STARTTLS");
      early.secure(first).ask("EHLO client.example");
      server.config.set(TlsClients.config(next));
      assertThat(early.ask("MAIL FROM:<a@client.example>")).startsWith("250");
      assertThat(early.ask("RCPT TO:<b@example.org>")).startsWith("250");
      assertThat(early.message("hello")).startsWith("250");
      late.ask("STARTTLS");
      late.secure(second);
      assertThat(late.tls().getPeerCertificates()).containsExactly(next.certificate());
      old.ask("STARTTLS");
      assertThatThrownBy(() -> old.secure(first)).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void aCertificateThatGoesLeavesItsSessionsAlone() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server);
        RawClient plain = server.session()) {
      server.config.set(ServerUnderTest.config(true, null, "*"));
      assertThat(plain.ask("STARTTLS")).startsWith("502");
      assertThat(client.ask("EHLO client.example")).startsWith("250");
      try (RawClient implicit = new RawClient(server.server().implicitTlsPort())) {
        assertThat(implicit.rest()).isEmpty();
      }
    }
  }

  @Test
  void theMetricsSayWhenTheCertificateExpires() throws IOException {
    try (ServerUnderTest server = server()) {
      assertThat(server.metrics.get("bridgehead.smtp.tls.certificate.expiry").gauge().value())
          .isEqualTo(SERVER.certificate().getNotAfter().toInstant().getEpochSecond());
      server.config.set(ServerUnderTest.config(true, null, "*"));
      assertThat(server.metrics.get("bridgehead.smtp.tls.certificate.expiry").gauge().value())
          .isNaN();
    }
  }

  @Test
  void aClientThatClosesItsSideIsLetGo() throws IOException {
    try (ServerUnderTest server = server()) {
      RawClient client = secured(server);
      client.ask("EHLO client.example");
      client.close();
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> server.metrics.get("bridgehead.smtp.sessions").gauge().value() == 0);
    }
  }

  private static double handshakes(ServerUnderTest server, String result) {
    return server
        .metrics
        .get("bridgehead.smtp.tls.handshakes")
        .tag("result", result)
        .counter()
        .count();
  }
}
