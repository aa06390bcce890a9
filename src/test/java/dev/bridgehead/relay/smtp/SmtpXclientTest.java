package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.validation.Cidr;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content filters and proxies that say for which client they speak. */
class SmtpXclientTest {
  private static final SelfSigned SERVER = SelfSigned.of(ServerUnderTest.HOSTNAME);
  private static final SSLContext CLIENT = TlsClients.trusting(SERVER);

  private static RelayConfig trusting(String... peers) {
    return ServerUnderTest.with(
        new RelayConfig.Access(
            List.of(Cidr.parse("192.0.2.0/24"), Cidr.parse("2001:db8::/32")),
            List.of(),
            false,
            null,
            Accounts.NONE,
            null,
            List.of(peers).stream().map(Cidr::parse).toList()));
  }

  private static RelayConfig trustingWithTls() {
    return TlsClients.with(trusting("127.0.0.1"), new InboundTls(SERVER.keyPair(), false, 0));
  }

  @Test
  @DisplayName("case 22: XCLIENT is neither offered to nor taken from a stranger")
  void aStrangerSpeaksForNobody() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trusting("198.51.100.1"));
        RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("EHLO x")).doesNotContain("XCLIENT");
      assertThat(client.ask("XCLIENT ADDR=192.0.2.1")).startsWith("550 5.7.0");
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("550 5.7.1");
    }
  }

  @Test
  void theClientThatIsNamedIsTheClient() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trusting("127.0.0.0/8"));
        RawClient filter = server.connect()) {
      filter.reply();
      assertThat(filter.ask("EHLO filter")).endsWith("250 XCLIENT NAME ADDR PORT PROTO HELO");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).contains("relaying denied: [127.0.0.1]");
      filter.ask("RSET");
      assertThat(
              filter.ask("XCLIENT NAME=spike.example ADDR=192.0.2.7 PORT=4711 PROTO=ESMTP HELO=a"))
          .isEqualTo("220 mail.example.com ESMTP Bridgehead");
      filter.ask("EHLO spike.example");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).startsWith("250");
      assertThat(filter.message("hello")).startsWith("250");
      assertThat(filter.ask("XCLIENT addr=203.0.113.1")).startsWith("220");
      filter.ask("EHLO x");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).contains("relaying denied: [203.0.113.1]");
      assertThat(filter.ask("XCLIENT ADDR=192.0.2.7")).startsWith("503 5.5.1");
    }
  }

  @Test
  void theNameOfHeloServesUntilTheNextOne() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trusting("127.0.0.1"));
        RawClient filter = server.session()) {
      filter.ask("XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::7 PROTO=SMTP HELO=old+2Eexample");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).startsWith("250");
      assertThat(filter.message("hello")).startsWith("250");
      assertThat(server.spool.only().text())
          .contains("from old.example ([IPv6:2001:db8:0:0:0:0:0:7])")
          .contains(" with SMTP id ");
      filter.ask("XCLIENT ADDR=192.0.2.1 HELO=[UNAVAILABLE]");
      assertThat(filter.ask("MAIL FROM:<a@b.example>")).startsWith("503 5.5.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ADDR",
        "ADDR=",
        "ADDR=example.org",
        "ADDR=[UNAVAILABLE]",
        "ADDR=192.0.2.1 ADDR=192.0.2.2",
        "ADDR=192.0.2.999",
        "ADDR=IPV6:192",
        "LOGIN=root",
        "DESTADDR=192.0.2.1",
        "HELO=a+0D+0AX:y",
        "HELO=a+zz",
        "HELO=a)"
      })
  @DisplayName("case 22: a faulty XCLIENT changes nothing")
  void aFaultyOneChangesNothing(String argument) throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trusting("127.0.0.1"));
        RawClient filter = server.session()) {
      assertThat(filter.ask("XCLIENT " + argument)).startsWith("501 5.5.4");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).contains("relaying denied: [127.0.0.1]");
    }
  }

  @Test
  void whatIsNotSaidAgainStays() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trusting("127.0.0.1"));
        RawClient filter = server.session()) {
      filter.ask("XCLIENT ADDR=192.0.2.7");
      filter.ask("XCLIENT HELO=a.example");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).startsWith("250");
    }
  }

  @Test
  void insideTlsTheNamedClientIsTheClientAndTlsStays() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trustingWithTls());
        RawClient filter = server.session()) {
      filter.ask("STARTTLS");
      filter.secure(CLIENT);
      assertThat(filter.ask("EHLO filter")).endsWith("250 XCLIENT NAME ADDR PORT PROTO HELO");
      assertThat(filter.ask("XCLIENT ADDR=192.0.2.7 HELO=a.example")).startsWith("220 ");
      assertThat(filter.ask("STARTTLS")).startsWith("503 5.5.1");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).startsWith("250");
      assertThat(filter.message("hello")).startsWith("250");
      assertThat(server.spool.only().text())
          .contains("from a.example ([192.0.2.7])")
          .contains(" with ESMTPS id ");
    }
  }

  @Test
  @DisplayName("case 08: what XCLIENT said before the handshake is forgotten")
  void theHandshakeEndsWhatWasSaid() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trustingWithTls());
        RawClient filter = server.session()) {
      assertThat(filter.ask("XCLIENT ADDR=192.0.2.7")).startsWith("220");
      filter.ask("STARTTLS");
      filter.secure(CLIENT);
      filter.ask("EHLO filter");
      filter.ask("MAIL FROM:<a@b.example>");
      assertThat(filter.ask("RCPT TO:<b@example.org>")).contains("relaying denied: [127.0.0.1]");
    }
  }

  @Test
  void theConnectionCountsForThePeerWhomeverItSpeaksFor() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(trusting("127.0.0.1"))) {
      for (int i = 0; i < 3 * ServerUnderTest.LIMITS.sessionsPerClient(); i++) {
        try (RawClient filter = server.session()) {
          assertThat(filter.ask("XCLIENT ADDR=192.0.2." + i)).startsWith("220");
          filter.ask("QUIT");
          filter.rest();
        }
      }
    }
  }
}
