package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.testbed.SelfSigned;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that mean no good by TLS. */
@Timeout(120)
class SmtpTlsHostileTest {
  private static final SelfSigned SERVER = SelfSigned.of(ServerUnderTest.HOSTNAME);
  private static final SSLContext CLIENT = TlsClients.trusting(SERVER);

  private static ServerUnderTest server() throws IOException {
    return ServerUnderTest.start(TlsClients.config(SERVER));
  }

  private static SessionLimits limits(Duration waits, Duration write, Duration handshake) {
    return new SessionLimits(
        50,
        40,
        20,
        100,
        10_000_000,
        waits,
        waits,
        waits,
        write,
        Duration.ofSeconds(5),
        handshake,
        Duration.ofSeconds(10),
        Duration.ZERO);
  }

  private static RawClient secured(ServerUnderTest server, SSLContext context) throws IOException {
    RawClient client = server.session();
    client.ask("STARTTLS");
    client.secure(context).ask("EHLO client.example");
    return client;
  }

  @Test
  void renegotiationEndsTheSession() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server, TlsClients.trusting(SERVER.certificate(), "TLSv1.2"))) {
      assertThat(client.tls().getProtocol()).isEqualTo("TLSv1.2");
      assertThat(client.ask("NOOP")).startsWith("250");
      assertThatThrownBy(
              () -> {
                client.handshakeAgain();
                if (client.ask("NOOP").isEmpty()) {
                  throw new IOException("closed");
                }
              })
          .isInstanceOf(IOException.class);
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
      assertThat(server.refused(Refusal.TLS_FAULT)).isEqualTo(1);
    }
  }

  /** TLS 1.3 has key updates instead, which are allowed. */
  @Test
  void newKeysAreNoRenegotiation() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server, CLIENT)) {
      assertThat(client.tls().getProtocol()).isEqualTo("TLSv1.3");
      client.handshakeAgain();
      assertThat(client.ask("NOOP")).startsWith("250");
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }

  @Test
  void newKeysWithoutEndEndTheSessionSoon() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server, CLIENT)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  client.handshakeAgain();
                }
              })
          .isInstanceOf(IOException.class);
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
      assertThat(server.refused(Refusal.TLS_FAULT)).isEqualTo(1);
    }
  }

  /** Each is to be answered, and within a line without end nothing is written. */
  @Test
  void newKeysBetweenDataWithoutEndEndTheSessionSoon() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server, CLIENT)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 5_000; i++) {
                  client.handshakeAgain();
                  client.send("x");
                }
              })
          .isInstanceOf(IOException.class);
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
      assertThat(server.refused(Refusal.TLS_FAULT)).isEqualTo(1);
    }
  }

  /** Between replies they may come as often as a client likes. */
  @Test
  void newKeysBetweenCommandsAreFine() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server, CLIENT)) {
      for (int i = 0; i < 50; i++) {
        client.handshakeAgain();
        assertThat(client.ask("NOOP")).startsWith("250");
      }
    }
  }

  @Test
  void aHandshakeThatDripsEndsAtItsDeadline() throws IOException {
    SessionLimits hasty =
        limits(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(400));
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER), hasty);
        RawClient dripping = server.session();
        RawClient silent = new RawClient(server.server().implicitTlsPort());
        RawClient good = secured(server, CLIENT)) {
      dripping.ask("STARTTLS");
      // The header of a record of 512 octets, and then one octet after the other.
      dripping.send(HexFormat.of().parseHex("1603010200"));
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                try {
                  dripping.send(new byte[] {1});
                  return handshakes(server, "timeout") == 2;
                } catch (IOException closed) {
                  return true;
                }
              });
      assertThat(silent.rest()).isEmpty();
      await().atMost(Duration.ofSeconds(10)).until(() -> handshakes(server, "timeout") == 2);
      assertThat(good.ask("NOOP")).startsWith("250");
      assertThat(sessions(server)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EHLO client.example\r\n", // no TLS at all
        "GET / HTTP/1.1\r\n\r\n",
        "\u0016\u0003\u0001\u00ff\u00ff", // a record longer than TLS allows
        "\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0000\u0000", // an empty ClientHello
        "\u0015\u0003\u0001\u0000\u0002\u0002\u0028", // an alert
        "\u0017\u0003\u0003\u0000\u0001\u0000", // data before any key
        "\u0014\u0003\u0003\u0000\u0001\u0001", // a change of the cipher, of which there is none
      })
  void whatIsNoHandshakeEndsTheSession(String octets) throws IOException {
    try (ServerUnderTest server = server();
        RawClient started = server.session();
        RawClient implicit = new RawClient(server.server().implicitTlsPort())) {
      started.ask("STARTTLS");
      for (RawClient client : new RawClient[] {started, implicit}) {
        client.send(octets.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)).endInput();
        assertThat(client.octets()).doesNotContain("220").doesNotContain("250");
      }
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
      assertThat(handshakes(server, "failed")).isEqualTo(2);
    }
  }

  /** A health check is no failure, and no line in the log. */
  @Test
  void whoGoesWithoutAWordIsNotCounted() throws IOException {
    try (ServerUnderTest server = server()) {
      try (RawClient check = new RawClient(server.server().implicitTlsPort())) {
        await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 1);
        assertThat(check.endInput().rest()).isEmpty();
      }
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
      assertThat(handshakes(server, "failed") + handshakes(server, "timeout")).isZero();
    }
  }

  @Test
  void randomOctetsEndTheSession() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (ServerUnderTest server = server()) {
      for (int i = 0; i < 50; i++) {
        byte[] octets = new byte[1 + random.nextInt(2000)];
        random.nextBytes(octets);
        if (random.nextBoolean() && octets.length > 5) {
          System.arraycopy(HexFormat.of().parseHex("160301"), 0, octets, 0, 3);
          octets[3] = (byte) (octets.length - 5 >> 8);
          octets[4] = (byte) (octets.length - 5);
        }
        try (RawClient client = new RawClient(server.server().implicitTlsPort())) {
          client.send(octets).endInput();
          assertThat(client.octets()).as("seed %d, round %d", seed, i).doesNotContain("220");
        } catch (IOException closedEarly) {
          // just as well
        }
      }
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
      assertThat(handshakes(server, "done")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anIdleClientIsToldInsideTlsAndClosed(String version) throws IOException {
    SessionLimits hasty =
        limits(Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ofSeconds(20));
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER), hasty);
        RawClient client = server.session()) {
      client.ask("STARTTLS");
      client.secure(TlsClients.trusting(SERVER.certificate(), version));
      assertThat(client.rest()).isEqualTo("421 4.4.2 timeout, closing the connection\n");
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
    }
  }

  @Test
  void aClientThatTakesNoRepliesIsCutOff() throws IOException {
    SessionLimits hasty =
        limits(Duration.ofSeconds(60), Duration.ofMillis(400), Duration.ofSeconds(20));
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER), hasty);
        RawClient client = secured(server, CLIENT)) {
      client.ask("MAIL FROM:<a@client.example>");
      byte[] commands = "RCPT TO:<b@example.org>\r\n".repeat(5000).getBytes(UTF_8);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  client.send(commands);
                }
              })
          .isInstanceOf(IOException.class);
      await().atMost(Duration.ofSeconds(20)).until(() -> sessions(server) == 0);
    }
  }

  @Test
  void aMessageThatIsCutShortIsNotAccepted() throws IOException {
    try (ServerUnderTest server = server()) {
      RawClient client = secured(server, CLIENT);
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      client.ask("DATA");
      client.send("Subject: x\r\n\r\nhalf");
      client.cutBelowTls();
      await().atMost(Duration.ofSeconds(10)).until(() -> sessions(server) == 0);
      assertThat(server.spool.kept).isEmpty();
      assertThat(server.spool.openIntakes).hasValue(0);
    }
  }

  /** 12,288 octets and more, in records of every size, with the reply in between. */
  @ParameterizedTest
  @CsvSource({"1", "7", "511", "512", "513", "4096", "16384"})
  void longLinesInRecordsOfAnySizeAreRefusedAndTheSessionGoesOn(int size) throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server, CLIENT)) {
      byte[] line = ("NOOP " + "x".repeat(13_000) + "\r\nNOOP\r\n").getBytes(UTF_8);
      for (int at = 0; at < line.length; at += size) {
        client.send(java.util.Arrays.copyOfRange(line, at, Math.min(line.length, at + size)));
      }
      assertThat(client.reply()).startsWith("500 5.5.2 line is longer than");
      assertThat(client.reply()).startsWith("250");
    }
  }

  @Test
  void whoIsTurnedAwayIsClosedWithoutAHandshake() throws IOException {
    SessionLimits one =
        new SessionLimits(
            1,
            1,
            20,
            100,
            1000,
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10));
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER), one);
        RawClient in = secured(server, CLIENT);
        RawClient late = new RawClient(server.server().implicitTlsPort())) {
      assertThat(late.rest()).isEmpty();
      assertThat(server.refused(Refusal.TOO_MANY_SESSIONS)).isEqualTo(1);
      assertThat(in.ask("NOOP")).startsWith("250");
    }
  }

  private static double sessions(ServerUnderTest server) {
    return server.metrics.get("bridgehead.smtp.sessions").gauge().value();
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
