package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.dns.DnsSetup;
import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.smtp.RawClient;
import dev.bridgehead.testbed.SignedZone;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole relay, with its own look-ups, DNSSEC and policies, between client and next hops. */
@Tag("tier3")
class DaneRelayIT {
  private static final String GOOD = "198.51.100.1";
  private static final String PLAIN = "198.51.100.3";

  private static DanePeers peers;

  @BeforeAll
  static void start() {
    peers = new DanePeers();
    peers.serving(
        SignedZone.nsec(
            "signed.test",
            peers.host("fits", GOOD, "3 1 1 good")
                + peers.host("misfit", GOOD, "3 1 1 stranger")
                + "good IN MX 10 fits\nbad IN MX 10 misfit\n"),
        SignedZone.unsigned(
            "unsigned.test",
            peers.host("mx", PLAIN, "")
                + peers.host("mta-sts", DanePeers.DEAD, "")
                + "@ IN MX 10 mx\n_mta-sts IN TXT \"v=STSv1; id=1;\"\n"));
  }

  @AfterAll
  static void stop() {
    peers.close();
  }

  @Test
  void asksForRecordsAndPoliciesBeforeItDelivers(@TempDir Path folder) throws IOException {
    int good = peers.at(GOOD).messages().size();
    int plain = peers.at(PLAIN).messages().size();
    try (Relay relay = Relay.start(setup(folder))) {
      for (String domain : List.of("bad.signed.test", "good.signed.test", "unsigned.test")) {
        submit(relay.smtpPort(), domain, "");
      }

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(relay.metrics().scrape())
                      .contains(
                          tls("dane", "certificate_not_trusted"),
                          tls("dane", "proven"),
                          // RFC 8461 §5.1: a policy that can't be had is none.
                          "bridgehead_sts_fetches_total{result=\"connection\"} 1.0",
                          tls("opportunistic", "plaintext")));
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(peers.at(GOOD).messages()).hasSize(good + 1);
                assertThat(peers.at(PLAIN).messages()).hasSize(plain + 1);
              });
    }
  }

  @Test
  void deliversWhatNeedsNoTlsWhereTheRecordsFitNobody(@TempDir Path folder) throws IOException {
    int good = peers.at(GOOD).messages().size();
    try (Relay relay = Relay.start(setup(folder))) {
      submit(relay.smtpPort(), "bad.signed.test", "TLS-Required: No\r\n");

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(peers.at(GOOD).messages()).hasSize(good + 1));
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(relay.metrics().scrape())
                      .contains(tls("opportunistic", "encrypted"))
                      .doesNotContain("policy=\"dane\""));
    }
  }

  private static String tls(String policy, String result) {
    return "bridgehead_delivery_tls_sessions_total{policy=\"%s\",result=\"%s\"} 1.0"
        .formatted(policy, result);
  }

  /**
   * @param fields of its header, besides others
   */
  private static void submit(int port, String domain, String fields) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.reply();
      client.ask("EHLO client.example");
      client.ask("MAIL FROM:<good@client.example>");
      client.ask("RCPT TO:<rcpt@" + domain + ">");
      client.ask("DATA");
      assertThat(client.ask("Subject: x\r\n" + fields + "\r\nbody\r\n.")).startsWith("250");
    }
  }

  private static RelaySetup setup(Path folder) throws IOException {
    RelayConfig config =
        RelayConfigs.onLaptop(
            """
            apiVersion: bridgehead.dev/v1
            kind: SmtpConnector
            metadata: {name: test, namespace: mail}
            spec:
              routing: {mode: DNS}
              bridgeheads: [{name: edge, hostname: mail.example.com}]
            """);
    CurrentConfig current =
        new CurrentConfig(
            new RelayConfig(
                config.identity(),
                new RelayConfig.Listening(0, true, 1 << 20, true),
                config.access(),
                config.routes(),
                config.outgoing(),
                config.retry()));
    return new RelaySetup(
        current,
        folder,
        ConnectTo.parse(peers.rules()),
        null,
        true,
        new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret"),
        RelaySetup.Pod.NONE,
        DnsSetup.of(List.of(peers.nameServer()), peers.validation()));
  }
}
