package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.SelfSigned;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a server with TLS sessions open. */
@Timeout(60)
class SmtpTlsShutdownTest {
  private static final SelfSigned SERVER = SelfSigned.of(ServerUnderTest.HOSTNAME);

  private static Thread closing(ServerUnderTest server) {
    return Thread.ofVirtual().start(server::close);
  }

  private static RawClient secured(ServerUnderTest server, String version) throws IOException {
    RawClient client = server.session();
    client.ask("STARTTLS");
    client.secure(TlsClients.trusting(SERVER.certificate(), version)).ask("EHLO client.example");
    return client;
  }

  /** A wait is ended by shutting the input down: the reply must still get out, in both versions. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void idleSessionsHear421InsideTls(String version) throws Exception {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient idle = secured(server, version)) {
      Thread closing = closing(server);
      assertThat(idle.rest()).isEqualTo("421 4.3.2 server is shutting down\n");
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aMessageUnderWayIsFinishedFirst(String version) throws Exception {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient client = secured(server, version);
        RawClient idle = secured(server, version)) {
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      client.ask("DATA");
      client.send("Subject: x\r\n\r\nfirst half, ");
      Thread closing = closing(server);
      assertThat(idle.rest()).startsWith("421 4.3.2");
      try (RawClient late = new RawClient(server.server().implicitTlsPort())) {
        assertThat(late.rest()).isEmpty();
      }
      client.send("second half\r\n.\r\n");
      assertThat(client.rest())
          .isEqualTo("250 2.0.0 queued as TEST00000001\n421 4.3.2 server is shutting down\n");
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
      assertThat(server.spool.only().text()).contains("first half, second half");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHandshakeUnderWayHoldsUpNothing(boolean implicit) throws Exception {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient client =
            implicit ? new RawClient(server.server().implicitTlsPort()) : server.session();
        RawClient other = server.session()) {
      if (!implicit) {
        client.ask("STARTTLS");
      }
      other.ask("NOOP");
      Thread closing = closing(server);
      assertThat(client.rest()).doesNotContain("421");
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    }
  }
}
