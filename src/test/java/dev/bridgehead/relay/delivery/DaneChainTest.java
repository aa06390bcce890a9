package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.relay.policy.DaneProof;
import dev.bridgehead.relay.policy.TlsFault;
import dev.bridgehead.testbed.Authority;
import dev.bridgehead.testbed.SelfSigned;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which TLSA records prove which certificates. */
class DaneChainTest {
  private static final String HOST = "mx.example.test";
  private static final Authority ROOT = Authority.root("root");
  private static final Authority LOWER = ROOT.issuing("lower");
  private static final Authority STRANGER = Authority.root("stranger");

  private static DaneChain chain(TlsaRecord... records) {
    return new DaneChain(new DaneProof(HOST, List.of(records), Set.of(HOST, "example.test")));
  }

  private static X509Certificate[] sent(Authority.Identity identity) {
    return identity.chain().toArray(X509Certificate[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3 0 0", "3 0 1", "3 0 2", "3 1 0", "3 1 1", "3 1 2"})
  void takesTheCertificateThatARecordIsOfWhateverItSays(String numbers) {
    Authority.Identity expired = LOWER.issueExpired("other.example.net");

    assertThatCode(() -> chain(Tlsa.of(numbers, expired.certificate())).check(sent(expired)))
        .doesNotThrowAnyException();
    refuses(
        chain(Tlsa.of(numbers, LOWER.issue(HOST).certificate())),
        sent(expired),
        TlsFault.CERTIFICATE_NOT_TRUSTED,
        "no TLSA record of " + HOST + " fits its certificate");
  }

  @ParameterizedTest
  @CsvSource({"EC, 256", "RSA, 2048", "DSA, 2048", "Ed25519, 0"})
  void knowsKeysOfEveryKind(String algorithm, int bits) {
    X509Certificate own = SelfSigned.of(HOST, algorithm, bits, Duration.ofDays(1)).certificate();

    assertThatCode(() -> chain(Tlsa.of("3 1 1", own)).check(new X509Certificate[] {own}))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2 0 0", "2 0 1", "2 0 2", "2 1 0", "2 1 1", "2 1 2"})
  void takesWhatAnIssuerOfARecordVouchesFor(String numbers) {
    for (Authority issuer : List.of(ROOT, LOWER)) {
      for (String name : List.of(HOST, "example.test")) {
        assertThatCode(
                () -> chain(Tlsa.of(numbers, issuer.certificate())).check(sent(LOWER.issue(name))))
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void findsTheWayThroughCertificatesInAnyOrder() {
    List<X509Certificate> odd = new ArrayList<>(LOWER.issue(HOST).chain());
    odd.addAll(STRANGER.chain());
    Collections.reverse(odd.subList(1, odd.size()));

    assertThatCode(
            () ->
                chain(Tlsa.of("2 0 1", ROOT.certificate()))
                    .check(odd.toArray(X509Certificate[]::new)))
        .doesNotThrowAnyException();
  }

  /** RFC 7671 §5.2.2: a record that holds the issuer as a whole needs nothing from the peer. */
  @Test
  void needsNoIssuerFromThePeerThatTheRecordHolds() {
    X509Certificate[] sent = sent(LOWER.issue(HOST).sending(1));

    assertThatCode(() -> chain(Tlsa.of("2 0 0", LOWER.certificate())).check(sent))
        .doesNotThrowAnyException();
    refuses(
        chain(Tlsa.of("2 0 1", LOWER.certificate())),
        sent,
        TlsFault.CERTIFICATE_NOT_TRUSTED,
        "fits its certificate");
  }

  @Test
  void refusesAnotherName() {
    refuses(
        chain(Tlsa.of("2 1 1", ROOT.certificate())),
        sent(LOWER.issue("mx.example.net")),
        TlsFault.CERTIFICATE_HOST_MISMATCH,
        "proves none of the names example.test, mx.example.test");
  }

  @Test
  void refusesWhatRanOut() {
    refuses(
        chain(Tlsa.of("2 1 1", ROOT.certificate())),
        sent(LOWER.issueExpired(HOST)),
        TlsFault.CERTIFICATE_EXPIRED,
        "its certificate is valid from");
  }

  @Test
  void refusesWhatIsNotForServers() {
    refuses(
        chain(Tlsa.of("2 1 1", ROOT.certificate())),
        sent(LOWER.issueForClients(HOST)),
        TlsFault.CERTIFICATE_NOT_TRUSTED,
        "not for servers");
  }

  /** Sending the issuer along proves nothing: it has to have signed. */
  @Test
  void refusesAnIssuerThatIsOnlySentAlong() {
    List<X509Certificate> sent = new ArrayList<>(STRANGER.issue(HOST).chain());
    sent.add(ROOT.certificate());

    refuses(
        chain(Tlsa.of("2 1 1", ROOT.certificate())),
        sent.toArray(X509Certificate[]::new),
        TlsFault.CERTIFICATE_NOT_TRUSTED,
        "does not lead to the issuer");
  }

  /** A server's certificate is no issuer: it could vouch for any other name. */
  @Test
  void refusesACertificateBelowAServers() {
    Authority.Identity server = LOWER.issue(HOST);
    Authority pretended = new Authority(server.chain(), server.keys());

    refuses(
        chain(Tlsa.of("2 1 1", server.certificate())),
        sent(pretended.issue(HOST)),
        TlsFault.CERTIFICATE_NOT_TRUSTED,
        "fits its certificate");
    refuses(
        chain(Tlsa.of("2 1 1", ROOT.certificate())),
        sent(pretended.issue(HOST)),
        TlsFault.CERTIFICATE_NOT_TRUSTED,
        "does not lead to the issuer");
  }

  /** Usage 2 is of an issuer, never of the certificate itself (RFC 7671 §5.2). */
  @Test
  void takesNoRecordOfAnIssuerForTheCertificateItself() {
    Authority.Identity own = LOWER.issue(HOST);

    refuses(
        chain(Tlsa.of("2 1 1", own.certificate())),
        sent(own),
        TlsFault.CERTIFICATE_NOT_TRUSTED,
        "fits its certificate");
  }

  @Test
  void takesOneOfSeveralRecords() {
    Authority.Identity own = LOWER.issue(HOST);

    assertThatCode(
            () ->
                chain(
                        Tlsa.of("3 1 1", STRANGER.certificate()),
                        Tlsa.of("2 1 1", STRANGER.certificate()),
                        Tlsa.of("2 1 1", ROOT.certificate()))
                    .check(sent(own)))
        .doesNotThrowAnyException();
  }

  private static void refuses(
      DaneChain chain, X509Certificate[] sent, TlsFault fault, String text) {
    assertThatThrownBy(() -> chain.check(sent))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining(text)
        .satisfies(e -> assertThat(((RefusedCertificate) e).fault()).isEqualTo(fault));
  }
}
