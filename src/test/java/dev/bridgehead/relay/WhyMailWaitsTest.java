package dev.bridgehead.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.Deferral;
import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.operator.bridgehead.HttpRelayApi;
import dev.bridgehead.operator.model.PodState;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.testbed.SelfSigned;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/** A whole relay whose smart host takes its password no more, seen as the operator sees it. */
class WhyMailWaitsTest {
  private static final String HOST = "relay.example.net";
  private static final String PASSWORD = "correct horse battery staple";
  private static final SelfSigned CERTIFICATE = SelfSigned.of(HOST);

  private static SMTPServer smartHost() throws Exception {
    return SMTPServer.port(0)
        .bindAddress(InetAddress.getLoopbackAddress())
        .enableTLS()
        .startTlsSocketFactory(context())
        .requireAuth()
        .authenticationHandlerFactory(
            new EasyAuthenticationHandlerFactory(
                (user, password, _) -> {
                  throw new LoginFailedException(user + " has no password " + password);
                }))
        .build();
  }

  private static SSLContext context() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "host",
        CERTIFICATE.keys().getPrivate(),
        new char[0],
        new Certificate[] {CERTIFICATE.certificate()});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static RelayConfig config() throws ManifestException {
    return TestConnector.listeningAnywhere(
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail, generation: 5}
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
            .formatted(HOST, PASSWORD, CERTIFICATE.certificatePem().indent(4)));
  }

  @Test
  void tellsTheOperatorThatAPasswordIsRefused(@TempDir Path folder) throws Exception {
    SMTPServer smartHost = smartHost();
    smartHost.start();
    ConnectTo rules =
        ConnectTo.parse(List.of(HOST + ":587:127.0.0.1:" + smartHost.getPortAllocated()));
    try (Relay relay =
        Relay.start(
            new RelaySetup(
                new CurrentConfig(config()),
                folder,
                rules,
                null,
                true,
                new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret"),
                new RelaySetup.Pod("test-edge-1", Duration.ofMillis(1), Duration.ofMillis(20))))) {
      HttpRelayApi operator = new HttpRelayApi(relay.managementPort());
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
      TestClient.send(relay.smtpPort(), "a@example.org", "c@example.com");

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(operator.state("test-edge-1", "127.0.0.1", "secret"))
                      .map(PodState::deferral)
                      .contains(
                          new Deferral(
                              2L,
                              HOST,
                              "auth",
                              "4.7.8",
                              HOST
                                  + "[127.0.0.1]:"
                                  + smartHost.getPortAllocated()
                                  + " said: 535 (in reply to AUTH PLAIN)")));
      assertThat(operator.state("test-edge-0", "127.0.0.1", "secret")).isEqualTo(Optional.empty());
      assertThat(operator.state("test-edge-1", "127.0.0.1", "other")).isEqualTo(Optional.empty());
    } finally {
      smartHost.stop();
    }
  }
}
