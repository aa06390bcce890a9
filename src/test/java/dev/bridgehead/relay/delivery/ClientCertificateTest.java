package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.TO;
import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.oauth.AccessTokens;
import dev.bridgehead.relay.policy.DaneProof;
import dev.bridgehead.relay.policy.TlsDemand;
import dev.bridgehead.relay.routing.NextHop;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.testbed.ServerContexts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.Socket;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How this relay proves to a next hop who it is, in handshakes with a TLS server that asks. */
@Timeout(60)
class ClientCertificateTest {
  private static final ScriptedHost.Script FRIENDLY = (stage, session) -> Optional.empty();
  private static final SelfSigned SERVER = SelfSigned.of("mx1.example.test");
  private static final SelfSigned CLIENT = SelfSigned.of("relay.example.test");
  private static final SelfSigned NEXT = SelfSigned.of("next.example.test");

  /** Both versions judge a client's certificate at another time; both ways read on at another. */
  private static final String VERSIONS_AND_WAYS =
      """
      TLSv1.2, false
      TLSv1.2, true
      TLSv1.3, false
      TLSv1.3, true
      """;

  private static ScriptedHost host(SSLParameters parameters, boolean implicitTls) {
    var context = ServerContexts.of(SERVER, CLIENT.certificate(), NEXT.certificate());
    return implicitTls
        ? ScriptedHost.overTls(context, parameters, FRIENDLY)
        : ScriptedHost.startTls(context, parameters, FRIENDLY);
  }

  private static SSLParameters needed(String version) {
    SSLParameters parameters = new SSLParameters(null, new String[] {version});
    parameters.setNeedClientAuth(true);
    return parameters;
  }

  private static SSLParameters wanted(String version) {
    SSLParameters parameters = new SSLParameters(null, new String[] {version});
    parameters.setWantClientAuth(true);
    return parameters;
  }

  private static Deliveries to(ScriptedHost host, boolean implicitTls) {
    Deliveries deliveries =
        Deliveries.to(host).tls(TlsMode.VERIFIED, SERVER.certificate()).timeouts(Deliveries.SHORT);
    return implicitTls ? deliveries.implicitTls() : deliveries;
  }

  private static Outcome outcome(Deliveries deliveries) {
    try (SmtpDelivery delivery = deliveries.start()) {
      return delivery.attempt(message(TO)).getFirst();
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = VERSIONS_AND_WAYS)
  void isShownToAHostThatAsks(String version, boolean implicitTls) {
    try (ScriptedHost host = host(needed(version), implicitTls)) {
      assertThat(outcome(to(host, implicitTls).clientCertificate(CLIENT)))
          .isInstanceOf(Delivered.class);
      assertThat(host.clients()).containsExactly("CN=relay.example.test");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "Ed25519"})
  void mayHaveAnyKeyThatTlsHas(String algorithm) {
    SelfSigned client =
        SelfSigned.of(
            "relay.example.test",
            algorithm,
            algorithm.equals("RSA") ? 2048 : 0,
            Duration.ofDays(1));
    try (ScriptedHost host =
        ScriptedHost.startTls(
            ServerContexts.of(SERVER, client.certificate()), needed("TLSv1.3"), FRIENDLY)) {
      assertThat(outcome(to(host, false).clientCertificate(client))).isInstanceOf(Delivered.class);
      assertThat(host.clients()).containsExactly("CN=relay.example.test");
    }
  }

  @Test
  void isNotShownUnasked() {
    try (ScriptedHost host = host(new SSLParameters(), false)) {
      assertThat(outcome(to(host, false).clientCertificate(CLIENT))).isInstanceOf(Delivered.class);
      assertThat(host.clients()).containsExactly("");
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = VERSIONS_AND_WAYS)
  void aHostThatCanDoWithoutIsSentMailWithout(String version, boolean implicitTls) {
    try (ScriptedHost host = host(wanted(version), implicitTls)) {
      assertThat(outcome(to(host, implicitTls))).isInstanceOf(Delivered.class);
      assertThat(host.clients()).containsExactly("");
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = VERSIONS_AND_WAYS)
  void mailWaitsForOneWhereAHostNeedsItAndSaysSo(String version, boolean implicitTls) {
    try (ScriptedHost host = host(needed(version), implicitTls)) {
      Deferred deferred = (Deferred) outcome(to(host, implicitTls));

      assertThat(deferred.why().reason()).isEqualTo(Reason.TLS);
      assertThat(deferred.why().status()).hasToString("4.7.5");
      assertThat(deferred.why().text())
          .contains(": TLS handshake: ")
          .endsWith(
              "; it asks for a client certificate: name one in"
                  + " outbound.tls.clientCertificateRef");
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = VERSIONS_AND_WAYS)
  void mailWaitsForOneThatTheHostTrustsAndSaysSo(String version, boolean implicitTls) {
    SelfSigned stranger = SelfSigned.of("stranger.example.test");
    try (ScriptedHost host = host(needed(version), implicitTls)) {
      Deferred deferred = (Deferred) outcome(to(host, implicitTls).clientCertificate(stranger));

      assertThat(deferred.why().reason()).isEqualTo(Reason.TLS);
      assertThat(deferred.why().text())
          .endsWith(
              "; it was shown the client certificate of outbound.tls.clientCertificateRef: renew"
                  + " that, or have the host trust it");
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void saysThatTheKeyIsOfAKindThatTheHostDoesNotTake(String version) {
    SelfSigned rsa = SelfSigned.of("relay.example.test", "RSA", 2048, Duration.ofDays(1));
    SSLParameters ecdsaOnly = needed(version);
    ecdsaOnly.setSignatureSchemes(new String[] {"ecdsa_secp256r1_sha256"});
    try (ScriptedHost host = host(ecdsaOnly, false)) {
      Deferred deferred = (Deferred) outcome(to(host, false).clientCertificate(rsa));

      assertThat(deferred.why().text())
          .contains("; it asks for a client certificate, and not for one with such a key as in ");
    }
  }

  /** As any handshake that fails: the two versions of TLS are no different here. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void goesOnInPlaintextWhereAHostRefusesAndTlsIsNotNeeded(String version) {
    try (ScriptedHost host = host(needed(version), false)) {
      assertThat(outcome(Deliveries.to(host).timeouts(Deliveries.SHORT)))
          .isInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(2);
      assertThat(host.clients()).isEmpty();
    }
  }

  @Test
  void isNotBlamedForTheHostsOwnCertificate() {
    try (ScriptedHost host = host(needed("TLSv1.3"), false)) {
      Deferred stranger =
          (Deferred) outcome(to(host, false).tls(TlsMode.VERIFIED, CLIENT.certificate()));
      Deferred otherName = (Deferred) outcome(to(host, false).tlsName("mx9.example.test"));

      assertThat(stranger.why().text()).doesNotContain("clientCertificateRef");
      assertThat(otherName.why().text())
          .contains("does not prove the name mx9.example.test")
          .doesNotContain("clientCertificateRef");
    }
  }

  /**
   * OpenSSL's clients do so: what a host knows by a fingerprint is of no authority that it lists.
   */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void isShownWhateverAuthoritiesTheHostLists(String version) {
    try (ScriptedHost host =
        ScriptedHost.startTls(
            ServerContexts.listing(SERVER, NEXT.certificate()), needed(version), FRIENDLY)) {
      assertThat(outcome(to(host, false).clientCertificate(CLIENT))).isInstanceOf(Delivered.class);
      assertThat(host.clients()).containsExactly("CN=relay.example.test");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aNewOneIsShownFromTheNextSessionOnAndTheOldSessionEnds(String version) {
    try (ScriptedHost host = host(needed(version), false)) {
      Deliveries deliveries = to(host, false).clientCertificate(CLIENT).timeouts(Timeouts.STANDARD);
      try (SmtpDelivery delivery = deliveries.start()) {
        assertThat(delivery.attempt(message(TO))).hasOnlyElementsOfType(Delivered.class);
        assertThat(delivery.attempt(message(TO))).hasOnlyElementsOfType(Delivered.class);
        assertThat(host.sessions()).isEqualTo(1);

        deliveries.clientCertificate(NEXT);

        assertThat(delivery.attempt(message(TO))).hasOnlyElementsOfType(Delivered.class);
        assertThat(host.clients()).containsExactly("CN=relay.example.test", "CN=next.example.test");
        await().until(() -> host.open() == 0);
        assertThat(host.commands("QUIT")).hasSize(2);
      }
    }
  }

  @Test
  void anEqualOneReadAgainChangesNothing() {
    try (ScriptedHost host = host(needed("TLSv1.3"), false)) {
      Deliveries deliveries = to(host, false).clientCertificate(CLIENT).timeouts(Timeouts.STANDARD);
      try (SmtpDelivery delivery = deliveries.start()) {
        delivery.attempt(message(TO));
        deliveries.clientCertificate(CLIENT);
        assertThat(delivery.attempt(message(TO))).hasOnlyElementsOfType(Delivered.class);
      }
      assertThat(host.sessions()).isEqualTo(1);
    }
  }

  @Test
  void isShownToAHostThatDaneProves() throws SessionFailure {
    X509Certificate own = SERVER.certificate();
    try (ScriptedHost host = host(needed("TLSv1.3"), false)) {
      DaneProof dane = new DaneProof("mx1.example.test", List.of(Tlsa.of("3 1 1", own)), Set.of());
      NextHop hop = new NextHop("mx1.example.test", host.address(), false, null);
      Peer peer =
          new Peer(
              hop,
              "relay.example.test",
              new TlsDemand.Proven("mx1.example.test", dane, null),
              List.of(),
              CLIENT.keyPair());

      SmtpConnection.open(
              peer,
              new SmtpConnection.Means(
                  new TlsLayer(),
                  new Logins(new SecureRandom(), new AccessTokens(new SimpleMeterRegistry()))),
              Deliveries.SHORT,
              new SessionLog(message(TO).id(), hop),
              Socket::new)
          .leave();

      assertThat(host.clients()).containsExactly("CN=relay.example.test");
    }
  }
}
