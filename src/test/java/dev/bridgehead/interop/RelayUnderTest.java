package dev.bridgehead.interop;

import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.auth.Scram;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.testbed.MailPeer;
import dev.bridgehead.testbed.MailPeers;
import dev.bridgehead.testbed.Maildir;
import dev.bridgehead.testbed.Onward;
import dev.bridgehead.testbed.TestCa;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The whole relay, run by a manifest as a user writes it, on loopback. */
final class RelayUnderTest implements AutoCloseable {
  /** The name of its smart host, which that one's certificate has to prove. */
  static final String HOP = "peer.example.test";

  static final String USER = "web@client.test";
  static final String PASSWORD = "three-word-pencil";

  private final Relay relay;
  private final Path inbox;

  private RelayUnderTest(Path folder, String manifest, List<String> rules, @Nullable Path kept)
      throws IOException {
    inbox = folder.resolve("inbox");
    relay =
        Relay.start(
            new RelaySetup(
                new CurrentConfig(RelayConfigs.onLaptop(manifest)),
                Files.createTempDirectory(folder, "relay-"),
                ConnectTo.parse(rules),
                kept,
                true,
                new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret")));
  }

  /**
   * Takes mail for the domains of {@link Onward} and those below client.test, with STARTTLS and
   * AUTH for one user, and keeps it.
   */
  static RelayUnderTest keeping(Path folder, int port, TestCa.Identity identity)
      throws IOException {
    String manifest =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail}
        spec:
          routing: {mode: DNS}
          addressSpaces: [{domain: %s}, {domain: %s}, {domain: %s}, {domain: "*.client.test"}]
          bridgeheads:
            - {name: edge, hostname: mail.example.com, virtualServer: {port: %d, tls: {secretRef: {name: tls}}}}
          access: {usersSecretRef: {name: users}}
        """
            .formatted(Onward.PLAIN, Onward.TLS, Onward.LOGIN, port);
    return new RelayUnderTest(
        folder, manifest + secrets(identity), List.of(), folder.resolve("inbox"));
  }

  /**
   * Takes mail for one domain on two ports, the second one with TLS from the first octet, with AUTH
   * for one user, and sends it to a server on loopback in clear text.
   */
  static RelayUnderTest taking(
      Path folder, String domain, int implicitPort, int hop, TestCa.Identity identity)
      throws IOException {
    String manifest =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: %s}]}
          addressSpaces: [{domain: %s}]
          bridgeheads:
            - name: edge
              hostname: mail.example.com
              virtualServer: {port: %d, tls: {secretRef: {name: tls}, implicitPort: %d}}
          access: {usersSecretRef: {name: users}}
          outbound: {tls: {mode: None}}
        """
            .formatted(HOP, domain, MailPeers.freePort(), implicitPort);
    return new RelayUnderTest(
        folder, manifest + secrets(identity), List.of(HOP + ":25:127.0.0.1:" + hop), null);
  }

  private static String secrets(TestCa.Identity identity) {
    return """
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: users, namespace: mail}
        stringData: {users: "%s:%s"}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: tls, namespace: mail}
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
        .formatted(
            USER,
            Scram.store(PASSWORD, new byte[16], 4096).text(),
            identity.certificatePem().indent(4),
            identity.keyPem().indent(4));
  }

  /**
   * Sends all mail to a server on loopback.
   *
   * @param mode of its TLS
   * @param login whether it logs in there with the account of {@link MailPeer}
   */
  static RelayUnderTest sendingTo(Path folder, int hop, String mode, boolean login, TestCa ca)
      throws IOException {
    String manifest =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: %s%s}]}
          bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: {port: %d}}]
          outbound: {tls: {mode: %s%s}}
        ---
        apiVersion: v1
        kind: Secret
        type: kubernetes.io/basic-auth
        metadata: {name: login, namespace: mail}
        stringData: {username: %s, password: %s}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: ca, namespace: mail}
        data:
          ca.crt: |
        %s
        """
            .formatted(
                HOP,
                login ? ", credentialsRef: {name: login}" : "",
                MailPeers.freePort(),
                mode,
                mode.equals("Verified") ? ", caBundleRef: {name: ca}" : "",
                MailPeer.USER,
                MailPeer.PASSWORD,
                Files.readString(ca.certificate()).indent(4));
    return new RelayUnderTest(folder, manifest, List.of(HOP + ":25:127.0.0.1:" + hop), null);
  }

  int port() {
    return relay.smtpPort();
  }

  /** Waits for a message that it keeps. */
  String awaitMessage(Predicate<String> wanted) {
    return new Maildir(inbox).awaitMessage(wanted);
  }

  /** Waits until mail waits for this reason, 30 seconds at most. */
  void awaitDeferral(String reason) {
    Awaitility.await("mail that waits for " + reason)
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                relay.metrics().scrape().contains("_deferred_total{reason=\"" + reason + "\"} 1"));
  }

  /**
   * How many logins there were.
   *
   * @param mechanism in lower case
   */
  double logins(String mechanism) {
    Counter counter =
        relay
            .metrics()
            .find("bridgehead.smtp.auth")
            .tags("mechanism", mechanism, "result", "ok")
            .counter();
    return counter == null ? 0 : counter.count();
  }

  @Override
  public void close() {
    relay.close();
  }
}
