package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.manifest.TlsKeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AuthorityTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final Duration YEAR = Duration.ofDays(365);
  private static final Duration WEEK = Duration.ofDays(7);

  private final Authority authority = Authority.create(NOW, YEAR, new SecureRandom());
  private final ServerCertificate issued =
      authority.issue(
          List.of("bridgehead-webhook.mail.svc", "127.0.0.1", "::1"),
          NOW,
          WEEK,
          new SecureRandom());

  @Test
  void isTrustedByWhoTrustsTheAuthority() throws Exception {
    PKIXParameters trust =
        new PKIXParameters(Set.of(new TrustAnchor(authority.certificate(), null)));
    trust.setRevocationEnabled(false);
    trust.setDate(Date.from(NOW));
    CertificateFactory x509 = CertificateFactory.getInstance("X.509");

    CertPathValidator.getInstance("PKIX")
        .validate(x509.generateCertPath(List.of(issued.certificate())), trust);

    assertThat(authority.certificate().getBasicConstraints()).isZero();
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
  void signsOnlyWhatItSigned() {
    Authority other = Authority.create(NOW, YEAR, new SecureRandom());

    assertThat(authority.signed(issued.certificate())).isTrue();
    assertThat(other.signed(issued.certificate())).isFalse();
  }

  @Test
  void signsNothingThatOutlivesIt() {
    Instant late = NOW.plus(YEAR).minus(Duration.ofDays(1));

    ServerCertificate last = authority.issue(List.of("a.example"), late, WEEK, new SecureRandom());

    assertThat(last.certificate().getNotAfter()).isEqualTo(authority.certificate().getNotAfter());
  }

  @Test
  void certificateAndKeySurviveTheirWayThroughPem() throws Exception {
    assertThat(Pem.certificates(Pem.of(List.of(authority.certificate()))))
        .containsExactly(authority.certificate());
    assertThat(pair(authority.key()).key()).isEqualTo(authority.key());
    assertThatThrownBy(() -> pair(issued.key())).hasMessageContaining("does not belong");
  }

  @Test
  void isAnotherEachTime() {
    Authority other = Authority.create(NOW, YEAR, new SecureRandom());

    assertThat(other.certificate().getSubjectX500Principal())
        .isNotEqualTo(authority.certificate().getSubjectX500Principal());
    assertThat(other.certificate().getPublicKey())
        .isNotEqualTo(authority.certificate().getPublicKey());
  }

  private TlsKeyPair pair(PrivateKey key) {
    byte[] certificate = Pem.of(List.of(authority.certificate()));
    return TlsKeyPair.parse(
        Map.of(TlsKeyPair.CERTIFICATE, certificate, TlsKeyPair.KEY, Pem.of(key)));
  }
}
