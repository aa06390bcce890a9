package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.testbed.SelfSigned;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a client asks of the TLS that its message goes on by (RFC 8689), on the real server. */
@Timeout(120)
class SmtpRequireTlsTest {
  private static final SelfSigned SERVER = SelfSigned.of(ServerUnderTest.HOSTNAME);
  private static final SSLContext CLIENT = TlsClients.trusting(SERVER);
  private static final String MAIL = "MAIL FROM:<a@client.example>";
  private static final String NEEDS_NO_TLS = "Subject: x\r\nTLS-Required: No\r\n\r\nhello";
  private static final String NOT_OFFERED = "555 5.5.4 parameter REQUIRETLS is not offered";

  private static ServerUnderTest server() throws IOException {
    return ServerUnderTest.start(TlsClients.config(SERVER));
  }

  /** Whose mail goes out so. */
  private static RelayConfig goingOutBy(TlsMode mode) {
    RelayConfig usual = TlsClients.config(SERVER);
    return new RelayConfig(
        usual.identity(),
        usual.listening(),
        usual.access(),
        usual.routes(),
        new RelayConfig.Outgoing(mode, List.of(), AddressFamily.ANY),
        usual.retry());
  }

  /** After the handshake and EHLO. */
  private static RawClient secured(ServerUnderTest server) throws IOException {
    RawClient client = server.session();
    client.ask("STARTTLS");
    client.secure(CLIENT).ask("EHLO client.example");
    return client;
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void ehloOffersItInsideTlsOnly(TlsMode mode) throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(goingOutBy(mode));
        RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("EHLO client.example")).doesNotContain("REQUIRETLS");
      client.ask("STARTTLS");
      client.secure(CLIENT);
      assertThat(client.ask("EHLO client.example").lines())
          .filteredOn(line -> line.endsWith("REQUIRETLS"))
          .singleElement()
          .asString()
          .matches("250[ -]REQUIRETLS");
    }
  }

  @Test
  void theOtherPortOffersItAtOnce() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = new RawClient(server.server().implicitTlsPort())) {
      client.secure(CLIENT).reply();
      assertThat(client.ask("EHLO client.example")).contains("REQUIRETLS");
      assertThat(client.ask(MAIL + " REQUIRETLS")).isEqualTo("250 2.1.0 sender ok");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {" REQUIRETLS", " requiretls", " SIZE=10 REQUIRETLS BODY=8BITMIME"})
  void theEnvelopeSaysThatItWasAskedFor(String parameters) throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.ask(MAIL + parameters)).isEqualTo("250 2.1.0 sender ok");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("hello")).startsWith("250");
      assertThat(tls(server)).isEqualTo(TlsRequirement.REQUIRED);
    }
  }

  @Test
  void theEnvelopeOfAMessageInChunksSaysSoToo() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask(MAIL + " REQUIRETLS");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.ask("BDAT 7 LAST\r\nhello")).startsWith("250");
      assertThat(tls(server)).isEqualTo(TlsRequirement.REQUIRED);
    }
  }

  @Test
  void itIsOfOneMessageOnly() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask(MAIL + " REQUIRETLS");
      client.ask("RSET");
      client.ask(MAIL);
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("hello")).startsWith("250");
      assertThat(tls(server)).isEqualTo(TlsRequirement.UNSPECIFIED);
    }
  }

  @Test
  void inTheClearItIsRefusedAndThereIsNoTransaction() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.session()) {
      assertThat(client.ask(MAIL + " REQUIRETLS"))
          .isEqualTo("530 5.7.10 REQUIRETLS needs TLS: issue STARTTLS first");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("503 5.5.1 send MAIL first");
      assertThat(server.refused(Refusal.TLS_REQUIRED)).isEqualTo(1);
      assertThat(client.ask(MAIL)).startsWith("250");
    }
  }

  @Test
  void whereEachMessageNeedsTlsThatIsSaidFirst() throws IOException {
    InboundTls required = new InboundTls(SERVER.keyPair(), true, null);
    try (ServerUnderTest server =
            ServerUnderTest.start(
                TlsClients.with(ServerUnderTest.config(true, null, "*"), required));
        RawClient client = server.session()) {
      assertThat(client.ask(MAIL + " REQUIRETLS"))
          .isEqualTo("530 5.7.0 must issue a STARTTLS command first");
    }
  }

  @Test
  void withoutACertificateThereIsNoSuchParameter() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.session()) {
      assertThat(client.ask(MAIL + " REQUIRETLS")).isEqualTo(NOT_OFFERED);
    }
  }

  /** Each such message would come back. */
  @Test
  void whereMailGoesOutWithoutTlsThereIsNoSuchParameter() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(goingOutBy(TlsMode.NONE));
        RawClient client = server.session()) {
      assertThat(client.ask(MAIL + " REQUIRETLS")).isEqualTo(NOT_OFFERED);
      client.ask("STARTTLS");
      client.secure(CLIENT);
      assertThat(client.ask("EHLO client.example")).doesNotContain("REQUIRETLS");
      assertThat(client.ask(MAIL + " REQUIRETLS")).isEqualTo(NOT_OFFERED);
    }
  }

  @Test
  void itTakesNoValue() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.ask(MAIL + " REQUIRETLS=yes"))
          .isEqualTo("501 5.5.4 REQUIRETLS takes no value");
      assertThat(client.ask(MAIL + " REQUIRETLS REQUIRETLS")).startsWith("501 5.5.4");
    }
  }

  @Test
  void itIsNoParameterOfRcpt() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask(MAIL);
      assertThat(client.ask("RCPT TO:<b@example.org> REQUIRETLS")).isEqualTo(NOT_OFFERED);
    }
  }

  @Test
  void theHeaderMaySayThatTlsIsNotNeededAlsoInTheClear() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.transaction()) {
      assertThat(client.message(NEEDS_NO_TLS)).startsWith("250");
      assertThat(tls(server)).isEqualTo(TlsRequirement.OPTIONAL);
      assertThat(server.spool.only().text()).contains("\r\nTLS-Required: No\r\n");
    }
  }

  @Test
  void theHeaderOfAMessageInChunksMaySaySoToo() throws IOException {
    int half = NEEDS_NO_TLS.length() / 2;
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.transaction()) {
      client.send("BDAT " + half + "\r\n" + NEEDS_NO_TLS.substring(0, half)).reply();
      String rest = NEEDS_NO_TLS.substring(half);
      assertThat(client.send("BDAT " + rest.length() + " LAST\r\n" + rest).reply())
          .startsWith("250 2.0.0 queued");
      assertThat(tls(server)).isEqualTo(TlsRequirement.OPTIONAL);
    }
  }

  /** RFC 8689 section 4.1: it is ignored, and may go on. */
  @Test
  void theHeaderChangesNothingWhereMailSaysRequireTls() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask(MAIL + " REQUIRETLS");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message(NEEDS_NO_TLS)).startsWith("250");
      assertThat(tls(server)).isEqualTo(TlsRequirement.REQUIRED);
      assertThat(server.spool.only().text()).contains("\r\nTLS-Required: No\r\n");
    }
  }

  @Test
  void theHeaderIsOfOneMessageOnly() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.session()) {
      for (String content : List.of(NEEDS_NO_TLS, "Subject: x\r\n\r\nTLS-Required: No")) {
        client.ask(MAIL);
        client.ask("RCPT TO:<b@example.org>");
        assertThat(client.message(content)).startsWith("250");
      }
      assertThat(server.spool.kept)
          .extracting(kept -> kept.message().envelope().tls())
          .containsExactly(TlsRequirement.OPTIONAL, TlsRequirement.UNSPECIFIED);
    }
  }

  @Test
  void theLogSaysIt() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(MessageReceipt.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level before = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      for (String parameter : List.of("", " REQUIRETLS")) {
        for (String content : List.of("hello", NEEDS_NO_TLS)) {
          client.ask(MAIL + parameter);
          client.ask("RCPT TO:<b@example.org>");
          client.message(content);
        }
      }
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(before);
    }
    assertThat(List.copyOf(lines.list))
        .filteredOn(event -> event.getMessage().equals("accepted"))
        .extracting(event -> event.getKeyValuePairs().getLast().toString())
        .containsExactly(
            "tlsAsked=\"\"",
            "tlsAsked=\"TLS-Required: No\"",
            "tlsAsked=\"REQUIRETLS\"",
            "tlsAsked=\"REQUIRETLS\"");
  }

  private static TlsRequirement tls(ServerUnderTest server) {
    return server.spool.only().message().envelope().tls();
  }
}
