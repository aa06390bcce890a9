package dev.bridgehead.node;

import dev.bridgehead.testbed.TestCa;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The manifests that the tests apply. */
final class Connectors {
  private Connectors() {}

  /** Routes by DNS; clients are the pods of the node. */
  static String dns(String name) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: %s}
        spec:
          routing: {mode: DNS, allowPrivateAddresses: true}
          bridgeheads: [{name: edge, hostname: mail.%s.example.org}]
          access: {allowedClients: [10.251.0.0/16]}
          postmaster: postmaster@example.org
          delivery: {retryIntervals: [2s], expireAfter: 1h}
          storage: {size: 1Gi}
        """
        .formatted(name, name);
  }

  /** The same, deleted by waiting for delivery at most so long. */
  static String dns(String name, String drainTimeout) {
    return dns(name) + "  deletion: {policy: Drain, timeout: " + drainTimeout + "}\n";
  }

  /** Routes by DNS, with as many pods as somebody scales it to; the node may send as well. */
  static String scalable(String name) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: %s}
        spec:
          routing: {mode: DNS, allowPrivateAddresses: true}
          bridgeheads: [{name: edge, hostname: mail.%s.example.org}]
          access: {allowedClients: [10.250.0.0/16, 10.251.0.0/16]}
          postmaster: postmaster@example.org
          delivery: {retryIntervals: [2s], expireAfter: 1h}
          storage: {size: 1Gi}
        """
        .formatted(name, name);
  }

  /** The same, forwarding to one smart host on port 587, authenticated, over verified TLS. */
  static String scalableBySmartHost(String name, String host) {
    return scalable(name)
            .replace(
                "{mode: DNS, allowPrivateAddresses: true}",
                "{mode: SmartHost, smartHosts: [{host: %s, port: 587, credentialsRef: {name: relay}}]}"
                    .formatted(host))
        + "  outbound: {tls: {mode: Verified, caBundleRef: {name: our-ca}}}\n";
  }

  /** Forwards to one smart host on port 587, authenticated, over verified TLS. */
  static String smartHost(String name, String host) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: %s}
        spec:
          routing:
            mode: SmartHost
            smartHosts: [{host: %s, port: 587, credentialsRef: {name: relay}}]
          bridgeheads: [{name: edge, hostname: mail.%s.example.org}]
          outbound: {tls: {mode: Verified, caBundleRef: {name: our-ca}}}
          access: {allowedClients: [10.251.0.0/16]}
          postmaster: postmaster@example.org
          delivery: {retryIntervals: [2s]}
          storage: {size: 1Gi}
        """
        .formatted(name, host, name);
  }

  static String credentials(String username, String password) {
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: relay}
        type: kubernetes.io/basic-auth
        stringData: {username: "%s", password: "%s"}
        """
        .formatted(username, password);
  }

  static String authority(TestCa ca) throws java.io.IOException {
    byte[] pem = java.nio.file.Files.readAllBytes(ca.certificate());
    return """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: our-ca}
        binaryData: {ca.crt: %s}
        """
        .formatted(new String(Base64.getEncoder().encode(pem), StandardCharsets.US_ASCII));
  }
}
