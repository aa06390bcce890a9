package dev.bridgehead.relay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.testbed.SelfSigned;
import org.junit.jupiter.api.Test;

/** The certificate that next hops are shown. */
class ClientCertificateTest {
  private static final SelfSigned CLIENT = SelfSigned.of("mail.example.com");
  private static final String CONNECTOR =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet, namespace: mail}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com}]
        outbound: {tls: {clientCertificateRef: {name: client}}}
      """;

  private static String secret(String certificate, String key) {
    return """
        ---
        apiVersion: v1
        kind: Secret
        type: kubernetes.io/tls
        metadata: {name: client, namespace: mail}
        stringData:
          tls.crt: |
        %s  tls.key: |
        %s"""
        .formatted(certificate.indent(4), key.indent(4));
  }

  @Test
  void isReadFromTheSameFile() throws ManifestException {
    String manifest = CONNECTOR + secret(CLIENT.certificatePem(), CLIENT.keyPem());
    assertThat(RelayConfigs.inPod(manifest).outgoing().clientCertificate())
        .isEqualTo(CLIENT.keyPair());
    assertThat(RelayConfigs.onLaptop(manifest).outgoing().clientCertificate())
        .isEqualTo(CLIENT.keyPair());
  }

  @Test
  void isNoneWhereNoneIsNamed() throws ManifestException {
    String none = CONNECTOR.replaceAll("(?m)^ *outbound.*\n", "");
    assertThat(RelayConfigs.inPod(none).outgoing().clientCertificate()).isNull();
  }

  @Test
  void aMissingSecretIsNamed() {
    assertThatThrownBy(() -> RelayConfigs.onLaptop(CONNECTOR))
        .isInstanceOf(ManifestException.class)
        .hasMessage(
            "spec.outbound.tls.clientCertificateRef: Not found: \"client\": no Secret of that name"
                + " in namespace mail: give the file that has it with another -f");
  }

  @Test
  void aKeyOfAnotherCertificateIsSaidInOneLine() {
    SelfSigned other = SelfSigned.of("mail.example.com");
    String mixed = CONNECTOR + secret(CLIENT.certificatePem(), other.keyPem());
    assertThatThrownBy(() -> RelayConfigs.inPod(mixed))
        .isInstanceOf(ManifestException.class)
        .hasMessage(
            "spec.outbound.tls.clientCertificateRef: the Secret \"client\": tls.key does not belong"
                + " to the first certificate in tls.crt");
  }

  @Test
  void theKeyIsNeverShown() throws ManifestException {
    RelayConfig config =
        RelayConfigs.inPod(CONNECTOR + secret(CLIENT.certificatePem(), CLIENT.keyPem()));
    assertThat(config.toString()).contains("TlsKeyPair[CN=mail.example.com]").doesNotContain("=EC");
  }
}
