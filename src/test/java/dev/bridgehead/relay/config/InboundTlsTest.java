package dev.bridgehead.relay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.testbed.SelfSigned;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class InboundTlsTest {
  private static final SelfSigned SERVER = SelfSigned.of("mail.example.com");

  /**
   * @param tls of the virtual server
   */
  private static String connector(String tls) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet, namespace: mail}
        spec:
          routing: {mode: DNS}
          bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: {tls: %s}}]
        """
        .formatted(tls);
  }

  private static String secret(String certificate, String key) {
    return """
        ---
        apiVersion: v1
        kind: Secret
        type: kubernetes.io/tls
        metadata: {name: edge-tls, namespace: mail}
        stringData:
          tls.crt: |
        %s  tls.key: |
        %s"""
        .formatted(certificate.indent(4), key.indent(4));
  }

  @Test
  void isReadWithItsCertificate() throws ManifestException {
    String own = secret(SERVER.certificatePem(), SERVER.keyPem());
    assertThat(
            RelayConfigs.inPod(connector("{secretRef: {name: edge-tls}}") + own).listening().tls())
        .isEqualTo(new InboundTls(SERVER.keyPair(), false, null));
    assertThat(
            RelayConfigs.onLaptop(
                    connector("{secretRef: {name: edge-tls}, required: true, implicitPort: 465}")
                        + own)
                .listening()
                .tls())
        .isEqualTo(new InboundTls(SERVER.keyPair(), true, 465));
  }

  @Test
  void anExpiredCertificateIsTaken() throws ManifestException {
    SelfSigned expired = SelfSigned.of("mail.example.com", "EC", 256, Duration.ofDays(-1));
    assertThat(
            RelayConfigs.inPod(
                    connector("{secretRef: {name: edge-tls}}")
                        + secret(expired.certificatePem(), expired.keyPem()))
                .listening()
                .tls())
        .isNotNull();
  }

  @Test
  void aMissingSecretIsNamed() {
    assertThatThrownBy(() -> RelayConfigs.onLaptop(connector("{secretRef: {name: edge-tls}}")))
        .isInstanceOf(ManifestException.class)
        .hasMessage(
            "spec.bridgeheads[0].virtualServer.tls.secretRef: Not found: \"edge-tls\": no Secret of"
                + " that name in namespace mail: give the file that has it with another -f");
  }

  @Test
  void aKeyOfAnotherCertificateIsSaidInOneLine() {
    SelfSigned other = SelfSigned.of("mail.example.com");
    assertThatThrownBy(
            () ->
                RelayConfigs.inPod(
                    connector("{secretRef: {name: edge-tls}}")
                        + secret(SERVER.certificatePem(), other.keyPem())))
        .isInstanceOf(ManifestException.class)
        .hasMessage(
            "spec.bridgeheads[0].virtualServer.tls.secretRef: the Secret \"edge-tls\": tls.key does"
                + " not belong to the first certificate in tls.crt");
  }

  @Test
  void theKeyIsNeverShown() throws ManifestException {
    RelayConfig config =
        RelayConfigs.inPod(
            connector("{secretRef: {name: edge-tls}}")
                + secret(SERVER.certificatePem(), SERVER.keyPem()));
    assertThat(config.toString()).contains("TlsKeyPair[CN=mail.example.com]").doesNotContain("=EC");
  }
}
