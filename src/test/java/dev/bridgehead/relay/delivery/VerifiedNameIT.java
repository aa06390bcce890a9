package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.testbed.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import nl.altindag.ssl.SSLFactory;
import nl.altindag.ssl.pem.util.PemUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which certificates prove which names, in real handshakes with certificates of openssl. */
@Tag("tier3")
class VerifiedNameIT {
  private static TestCa ca;
  private static X509Certificate root;
  private static SSLContext server;

  /** PemUtils makes Bouncy Castle the first to make keys, which JSSE's servers then refuse. */
  @AfterAll
  static void leaveTheProvidersAsTheyWere() {
    Security.removeProvider("BC");
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException, CertificateException {
    ca = TestCa.in(folder, "test-ca");
    root = certificate(ca.certificate());
    server =
        context(ca.issue("mx.example.test", "*.wild.example.test", "192.0.2.5", "2001:db8::1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mx.example.test",
        "a.wild.example.test",
        "[192.0.2.5]",
        "[2001:db8::1]",
        "[IPv6:2001:db8:0::1]"
      })
  void deliversWhereTheCertificateProvesTheName(String name) {
    assertThat(outcome(server, name)).isInstanceOf(Delivered.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other.example.test",
        "wild.example.test",
        "a.b.wild.example.test",
        "example.test",
        "[192.0.2.6]",
        "[2001:db8::2]"
      })
  void sendsNothingWhereItProvesAnotherName(String name) {
    Outcome outcome = outcome(server, name);

    assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.TLS);
    assertThat(((Deferred) outcome).why().text()).contains("does not prove the name " + name);
  }

  @Test
  void looksForTheNameThatTheConnectorSaysTheCertificateHas() {
    try (ScriptedHost host = ScriptedHost.overTls(server, "(nothing)", "");
        SmtpDelivery delivery =
            deliveries(host, "backend-7.example.test").tlsName("mx.example.test").start()) {
      assertThat(delivery.attempt(message("rcpt@example.test")).getFirst())
          .isInstanceOf(Delivered.class);
    }
    try (ScriptedHost host = ScriptedHost.overTls(server, "(nothing)", "");
        SmtpDelivery delivery =
            deliveries(host, "mx.example.test").tlsName("other.example.test").start()) {
      assertThat(
              ((Deferred) delivery.attempt(message("rcpt@example.test")).getFirst()).why().text())
          .contains("does not prove the name other.example.test");
    }
  }

  @Test
  void sendsNothingWhereTheCertificateRanOut() {
    Outcome outcome = outcome(context(ca.issueExpired("old.example.test")), "old.example.test");

    assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.TLS);
  }

  @Test
  void showsThePasswordToAPeerThatProvedItsName() {
    try (ScriptedHost host = ScriptedHost.overTls(server, "EHLO", "250-host\r\n250 AUTH LOGIN")) {
      String password = "s".repeat(600);
      SmtpDelivery delivery =
          deliveries(host, "mx.example.test").credentials("relay", password).start();

      // What isn't told otherwise is answered with 502.
      Outcome outcome = delivery.attempt(message("rcpt@example.test")).getFirst();

      assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.AUTH);
      assertThat(host.commands("AUTH")).containsExactly("AUTH LOGIN");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "235-2.7.0 welcome\r\n235 2.7.0 indeed",
        "334 ",
        "421 4.3.2 later",
        "454 4.7.0 not now",
        "535 5.7.8 wrong password",
        "<html>",
        ScriptedHost.CLOSE,
        ScriptedHost.RESET,
        ScriptedHost.STALL,
        ScriptedHost.TRICKLE
      })
  void keepsTheMailWhateverIsSaidToThePassword(String reply) {
    ScriptedHost.Script script =
        (stage, _) ->
            stage.startsWith("EHLO")
                ? Optional.of("250-host\r\n250 AUTH PLAIN")
                : stage.startsWith("AUTH") ? Optional.of(reply) : Optional.empty();
    try (ScriptedHost host = ScriptedHost.overTls(server, script);
        SmtpDelivery delivery =
            deliveries(host, "mx.example.test")
                .credentials("relay", "secret")
                .timeouts(Deliveries.SHORT)
                .start()) {
      Outcome outcome = delivery.attempt(message("rcpt@example.test")).getFirst();

      assertThat(outcome).isInstanceOf(reply.startsWith("235") ? Delivered.class : Deferred.class);
      assertThat(host.messages()).hasSize(reply.startsWith("235") ? 1 : 0);
    }
  }

  private static Outcome outcome(SSLContext context, String name) {
    try (ScriptedHost host = ScriptedHost.overTls(context, "(nothing)", "");
        SmtpDelivery delivery = deliveries(host, name).start()) {
      return delivery.attempt(message("rcpt@example.test")).getFirst();
    }
  }

  private static Deliveries deliveries(ScriptedHost host, String name) {
    return new Deliveries()
        .host(name, host.address().getPort())
        .implicitTls()
        .tls(TlsMode.VERIFIED, root);
  }

  private static SSLContext context(TestCa.Identity identity) {
    return SSLFactory.builder()
        .withIdentityMaterial(PemUtils.loadIdentityMaterial(identity.certificate(), identity.key()))
        .build()
        .getSslContext();
  }

  private static X509Certificate certificate(Path file) throws IOException, CertificateException {
    try (var in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
