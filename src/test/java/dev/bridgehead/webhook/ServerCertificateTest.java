package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServerCertificateTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final ServerCertificate issued =
      ServerCertificate.issue(
          List.of("bridgehead-webhook.mail.svc", "127.0.0.1", "::1"), NOW, new SecureRandom());

  @Test
  void isTrustedByWhoTrustsTheAuthority() throws Exception {
    PKIXParameters trust = new PKIXParameters(Set.of(new TrustAnchor(issued.authority(), null)));
    trust.setRevocationEnabled(false);
    trust.setDate(Date.from(NOW));
    CertificateFactory x509 = CertificateFactory.getInstance("X.509");

    CertPathValidator.getInstance("PKIX")
        .validate(x509.generateCertPath(List.of(issued.certificate())), trust);

    assertThat(issued.authority().getBasicConstraints()).isZero();
    assertThat(issued.certificate().getBasicConstraints()).isEqualTo(-1);
  }

  @Test
  void carriesItsNamesAndAddresses() throws Exception {
    assertThat(issued.certificate().getSubjectAlternativeNames())
        .containsExactlyInAnyOrder(
            List.of(2, "bridgehead-webhook.mail.svc"),
            List.of(7, "127.0.0.1"),
            List.of(7, "0:0:0:0:0:0:0:1"));
    assertThat(issued.certificate().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
  }

  @Test
  void isValidForAClockThatIsBehind() throws Exception {
    issued.certificate().checkValidity(Date.from(NOW.minusSeconds(600)));
  }

  @Test
  void givesTheAuthorityAsPem() throws Exception {
    assertThat(
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(issued.authorityPem())))
        .isEqualTo(issued.authority());
  }

  @Test
  void isAnotherEachTime() {
    X509Certificate other =
        ServerCertificate.issue(List.of("a.example"), NOW, new SecureRandom()).certificate();

    assertThat(other.getSerialNumber()).isNotEqualTo(issued.certificate().getSerialNumber());
    assertThat(other.getPublicKey()).isNotEqualTo(issued.certificate().getPublicKey());
  }
}
