package dev.bridgehead.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.relay.auth.Scram;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.testbed.SelfSigned;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One whole relay as the smart host of another, in TLS and with a login. */
@Timeout(120)
class RelayBehindRelayTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String HOST = "relay.example.net";
  private static final String PASSWORD = "correct horse battery staple";
  private static final SelfSigned CERTIFICATE = SelfSigned.of(HOST);

  private final Path folder;

  RelayBehindRelayTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** Takes everything into a Maildir. */
  private Relay smartHost() throws IOException {
    RelayConfig config =
        RelayConfigs.onLaptop(
            """
            apiVersion: bridgehead.dev/v1
            kind: SmtpConnector
            metadata: {name: upstream, namespace: mail}
            spec:
              routing: {mode: DNS}
              access: {usersSecretRef: {name: users}}
              bridgeheads: [{name: edge, hostname: %s}]
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: users, namespace: mail}
            stringData: {users: "ada:%s"}
            """
                .formatted(HOST, Scram.store(PASSWORD, new byte[16], 4096).text()));
    RelayConfig.Listening listening =
        new RelayConfig.Listening(
            0,
            true,
            1 << 20,
            BareLineEndings.REJECT,
            true,
            null,
            new InboundTls(CERTIFICATE.keyPair(), true, null));
    return start(
        new RelayConfig(
            config.identity(),
            listening,
            config.access(),
            config.routes(),
            config.outgoing(),
            config.retry()),
        "upstream",
        ConnectTo.parse(List.of()),
        folder.resolve("maildir"));
  }

  private Relay relay(Relay smartHost, String password) throws IOException {
    return start(
        config(password),
        "relay",
        ConnectTo.parse(List.of(HOST + ":587:127.0.0.1:" + smartHost.smtpPort())),
        null);
  }

  private Relay start(RelayConfig config, String name, ConnectTo connectTo, @Nullable Path capture)
      throws IOException {
    return Relay.start(
        new RelaySetup(
            new CurrentConfig(config),
            folder.resolve(name),
            connectTo,
            capture,
            true,
            new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret")));
  }

  private static RelayConfig config(String password) throws ManifestException {
    return TestConnector.listeningAnywhere(
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail}
        spec:
          routing:
            mode: SmartHost
            smartHosts: [{host: %s, port: 587, credentialsRef: {name: relay}}]
          outbound: {tls: {mode: Verified, caBundleRef: {name: our-ca}}}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
          delivery: {retryIntervals: [1h], expireAfter: 1d}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: relay, namespace: mail}
        type: kubernetes.io/basic-auth
        stringData: {username: ada, password: %s}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: our-ca, namespace: mail}
        data:
          ca.crt: |
        %s
        """
            .formatted(HOST, password, CERTIFICATE.certificatePem().indent(4)));
  }

  @Test
  void logsInWithoutShowingItsPassword() throws IOException {
    try (Relay smartHost = smartHost();
        Relay relay = relay(smartHost, PASSWORD)) {
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");

      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(smartHost.metrics().scrape())
                      .contains("bridgehead_messages_delivered_total 1.0"));
      assertThat(smartHost.metrics().scrape())
          .contains("bridgehead_smtp_auth_total{mechanism=\"scram-sha-256\",result=\"ok\"} 1.0");
    }
  }

  @Test
  void aWrongPasswordIsRefusedAndTheMailWaits() throws IOException {
    try (Relay smartHost = smartHost();
        Relay relay = relay(smartHost, "wrong")) {
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");

      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(relay.metrics().scrape())
                      .contains("bridgehead_messages_deferred_total{reason=\"auth\"} 1.0"));
      assertThat(smartHost.metrics().scrape())
          .doesNotContain("bridgehead_messages_received_total 1.0");
    }
  }
}
