package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.testbed.Tier;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** A connector's own certificate, renewed while clients send by TLS. */
class ServerCertificateRotationIT extends NodeTestBase {
  private static final String CONNECTOR = "encrypted";
  private static final int ROTATIONS = 3;

  private static String connector() {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: %s}
        spec:
          routing: {mode: DNS, allowPrivateAddresses: true}
          bridgeheads:
            - name: edge
              hostname: mail.encrypted.example.org
              replicas: 2
              virtualServer: {tls: {secretRef: {name: edge-tls}, required: true, implicitPort: 465}}
          access: {allowedClients: [10.250.0.0/16, 10.251.0.0/16]}
          postmaster: postmaster@example.org
          delivery: {retryIntervals: [2s], expireAfter: 1h}
          storage: {size: 1Gi}
        """
        .formatted(CONNECTOR);
  }

  private static String secret(SelfSigned certificate) {
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: edge-tls}
        type: kubernetes.io/tls
        data: {tls.crt: %s, tls.key: %s}
        """
        .formatted(certificate.encoded().get("tls.crt"), certificate.encoded().get("tls.key"));
  }

  private static String fingerprint(SelfSigned certificate) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(certificate.certificate().getEncoded()));
  }

  @Test
  void aRenewedCertificateIsShownWithinSecondsAndNoSubmissionFails(TestReporter reporter)
      throws Exception {
    if (Command.of("sh", "-c", "command -v python3").attempt().status() != 0) {
      throw Tier.skip("there is no python3");
    }
    String namespace = installation.namespace("mail");
    String hop = cluster.address(90);
    cluster.zone("dst.example", "@ IN MX 10 mx\nmx IN A " + hop);
    SelfSigned first = SelfSigned.of("mail.encrypted.example.org");
    try (PostfixServer exchanger =
        PostfixServer.setup().listen(hop, 25).by(cluster.insideNetwork()).start()) {
      installation.apply(namespace, secret(first) + "---\n" + connector());
      installation.awaitReady(namespace, CONNECTOR);
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> field(namespace, "sts/encrypted-edge", ".status.readyReplicas").equals("2"));
      List<String> pods = podUids(namespace);
      String address = field(namespace, "svc/" + CONNECTOR, ".spec.clusterIP");
      try (TlsLoad load = TlsLoad.on(cluster, address)) {
        awaitShown(load, first, 50); // kube-proxy knows the pods by then
        int begun = load.sent().size();
        for (int i = 1; i <= ROTATIONS; i++) {
          LoadedConnector.tell(
              "another TLS certificate of the connector: apply to the last connection that was"
                  + " shown the one before, "
                  + rotate(namespace, load).toMillis()
                  + " ms",
              reporter);
        }
        load.end();
        List<TlsLoad.Sent> all = load.sent();
        assertThat(all.subList(begun, all.size())).allMatch(TlsLoad.Sent::ok);
        assertThat(all).anyMatch(sent -> sent.certificate().equals("kept"));
        assertThat(podUids(namespace)).isEqualTo(pods);
        await()
            .atMost(Duration.ofMinutes(2))
            .until(
                () -> exchanger.messages().size() == all.stream().filter(TlsLoad.Sent::ok).count());
      }
      cluster
          .kubectl("delete", "smtpc", "--all", "-n", namespace, "--timeout=90s")
          .within(Duration.ofMinutes(2))
          .run();
    }
  }

  /** From before the apply to the last connection that was shown the certificate before. */
  private static Duration rotate(String namespace, TlsLoad load) throws Exception {
    SelfSigned next = SelfSigned.of("mail.encrypted.example.org");
    Instant begun = Instant.now();
    installation.apply(namespace, secret(next));
    awaitShown(load, next, 100);
    String fingerprint = fingerprint(next);
    Instant last =
        load.sent().stream()
            .filter(sent -> sent.ok() && !sent.certificate().equals("kept"))
            .filter(sent -> !sent.certificate().equals(fingerprint))
            .map(TlsLoad.Sent::at)
            .max(Instant::compareTo)
            .orElse(begun);
    return Duration.between(begun, last);
  }

  /** Waits until that many fresh connections in a row have been shown this certificate. */
  private static void awaitShown(TlsLoad load, SelfSigned certificate, int inARow)
      throws Exception {
    String fingerprint = fingerprint(certificate);
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              List<TlsLoad.Sent> fresh =
                  load.sent().stream().filter(s -> !s.certificate().equals("kept")).toList();
              return fresh.size() >= inARow
                  && fresh.subList(fresh.size() - inARow, fresh.size()).stream()
                      .allMatch(sent -> sent.certificate().equals(fingerprint));
            });
  }

  private static String field(String namespace, String object, String path) {
    return installation.field(namespace, object, path);
  }

  private static List<String> podUids(String namespace) {
    return cluster
        .kubectl("get", "pods", "-n", namespace)
        .with("-o", "jsonpath={range .items[*]}{.metadata.uid}{\"\\n\"}{end}")
        .run()
        .lines()
        .sorted()
        .toList();
  }
}
