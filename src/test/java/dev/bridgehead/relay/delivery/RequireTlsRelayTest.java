package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.RequireTlsHosts.GOOD;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.ROOT;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.lacking;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.offering;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.smtp.RawClient;
import dev.bridgehead.relay.smtp.TlsClients;
import dev.bridgehead.testbed.SelfSigned;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole relay between a client that requires TLS and a next hop that speaks it: from MAIL to
 * MAIL, or to the notice (RFC 8689 §4).
 */
@Timeout(120)
class RequireTlsRelayTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final SelfSigned OWN = SelfSigned.of("mail.example.com");
  private static final String MESSAGE = "Subject: plans\r\n\r\nthe secret\r\n";

  @TempDir private Path folder = Path.of("");

  private Relay relay(ScriptedHost hop) throws IOException {
    RelayConfig config =
        RelayConfigs.onLaptop(
            """
            apiVersion: bridgehead.dev/v1
            kind: SmtpConnector
            metadata: {name: test, namespace: mail}
            spec:
              routing: {mode: SmartHost, smartHosts: [{host: hop.example.test}]}
              bridgeheads: [{name: edge, hostname: mail.example.com}]
            """);
    RelayConfig.Listening listening =
        new RelayConfig.Listening(
            0,
            true,
            1 << 20,
            BareLineEndings.REJECT,
            true,
            null,
            new InboundTls(OWN.keyPair(), false, null));
    return Relay.start(
        new RelaySetup(
            new CurrentConfig(
                new RelayConfig(
                    config.identity(),
                    listening,
                    config.access(),
                    config.routes(),
                    new RelayConfig.Outgoing(
                        TlsMode.OPPORTUNISTIC, List.of(ROOT.certificate()), AddressFamily.ANY),
                    config.retry())),
            folder,
            ConnectTo.parse(List.of("hop.example.test:25:127.0.0.1:" + hop.address().getPort())),
            null,
            true,
            new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret")));
  }

  /** Sends a message inside TLS. */
  private static void send(Relay relay, String parameters) throws IOException {
    try (RawClient client = new RawClient(relay.smtpPort())) {
      client.reply();
      client.ask("EHLO client.example");
      assertThat(client.ask("STARTTLS")).startsWith("220");
      client.secure(TlsClients.trusting(OWN));
      assertThat(client.ask("EHLO client.example")).contains("REQUIRETLS");
      assertThat(client.ask("MAIL FROM:<a@client.example>" + parameters)).startsWith("250");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250");
      assertThat(client.message(MESSAGE)).startsWith("250");
    }
  }

  @Test
  void goesOnToAHostThatOffersItWithTheSameParameter() throws IOException {
    try (ScriptedHost hop = offering(GOOD);
        Relay relay = relay(hop)) {
      send(relay, " REQUIRETLS");
      await().atMost(SOON).until(() -> !hop.messages().isEmpty());
      assertThat(hop.messages().getFirst()).contains("the secret");
      assertThat(hop.commands("MAIL"))
          .singleElement()
          .asString()
          .startsWith("MAIL FROM:<a@client.example>")
          .endsWith(" REQUIRETLS");
    }
  }

  @Test
  void comesBackWithoutItsTextFromAHostThatDoesNotOfferIt() throws IOException {
    try (ScriptedHost hop = lacking(GOOD);
        Relay relay = relay(hop)) {
      send(relay, " REQUIRETLS");
      await().atMost(SOON).until(() -> !hop.messages().isEmpty());
      assertThat(hop.commands("MAIL")).singleElement().asString().startsWith("MAIL FROM:<>");
      assertThat(hop.commands("RCPT")).containsExactly("RCPT TO:<a@client.example>");
      assertThat(hop.messages().getFirst())
          .contains("Status: 5.7.30\r\n", "Subject: plans\r\n")
          .doesNotContain("the secret");
    }
  }

  @Test
  void goesToThatHostWhereTheClientDoesNotAskForIt() throws IOException {
    try (ScriptedHost hop = lacking(GOOD);
        Relay relay = relay(hop)) {
      send(relay, "");
      await().atMost(SOON).until(() -> !hop.messages().isEmpty());
      assertThat(hop.messages().getFirst()).contains("the secret");
      assertThat(hop.commands("MAIL"))
          .singleElement()
          .asString()
          .startsWith("MAIL FROM:<a@client.example>")
          .doesNotContain("REQUIRETLS");
    }
  }
}
