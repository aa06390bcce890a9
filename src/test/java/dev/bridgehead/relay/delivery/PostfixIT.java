package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.TestCa;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Postfix as next hop. */
@Tag("tier3")
class PostfixIT {
  private static final String NAME = "mx.example.test";
  private static final String TO = "rcpt@example.test";

  private static TestCa ca;
  private static X509Certificate root;
  private static PostfixServer open;
  private static PostfixServer plain;
  private static PostfixServer login;
  private static PostfixServer scram;
  private static int implicitTlsPort;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException, CertificateException {
    ca = TestCa.in(folder, "test-ca");
    root = certificate(ca.certificate());
    implicitTlsPort = freePort();
    open =
        PostfixServer.setup()
            .tls(ca.issue(NAME))
            .implicitTls(implicitTlsPort)
            .reply("never@example.test", "550 5.1.1 No such user")
            .reply("later@example.test", "450 4.2.0 Try again")
            .start();
    plain = guarded("PLAIN LOGIN");
    login = guarded("LOGIN");
    scram = guarded("PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256");
  }

  private static PostfixServer guarded(String mechanisms) {
    return PostfixServer.setup()
        .tlsOnly(ca.issue(NAME))
        .user("relay", "pass word\u00e4")
        .mechanisms(mechanisms)
        .start();
  }

  @AfterAll
  static void stop() {
    // Where Postfix can't run, the tests are skipped before any of them is there.
    Stream.of(open, plain, login, scram).filter(Objects::nonNull).forEach(PostfixServer::close);
  }

  @Test
  void handsAMessageOverOctetForOctet() {
    String content =
        "From: a@x.test\r\nDate: Mon, 23 Nov 2026 16:43:06 +0000\r\nMessage-ID: <1@x.test>\r\n"
            + "Subject: bytes\r\nX-Mark: octets\r\n\r\n.\r\n..\r\n.a\r\n\t trailing \r\n\u00e4\u00f6\r\n"
            + "x".repeat(990)
            + "\r\n"
            + "a line\r\n".repeat(20_000)
            + "end\r\n";
    byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);

    List<Outcome> outcomes =
        attempt(deliveries(NAME, open), message(octets, BodyType.EIGHT_BIT_MIME, false, TO));

    assertThat(outcomes).hasOnlyElementsOfType(Delivered.class);
    String stored = open.awaitMessage(it -> it.contains("X-Mark: octets"));
    // A Maildir has LF; Postfix puts its own fields on top.
    assertThat(stored).endsWith("\n" + content.replace("\r\n", "\n"));
    assertThat(stored).startsWith("Return-Path: <sender@example.test>");
  }

  @Test
  void sendsSeveralMessagesInOneSession() {
    try (SmtpDelivery delivery = deliveries(NAME, open).tls(TlsMode.VERIFIED, root).start()) {
      for (int i = 0; i < 3; i++) {
        assertThat(delivery.attempt(marked("X-Mark: kept " + i)))
            .hasOnlyElementsOfType(Delivered.class);
      }
    }
    for (int i = 0; i < 3; i++) {
      String mark = "X-Mark: kept " + i;
      assertThat(open.awaitMessage(it -> it.contains(mark))).contains("TLSv1.3");
    }
  }

  /** Postfix refuses a parameter that it can't read, and it reads ours. */
  @Test
  void leavesReportsOfSuccessToAPeerThatOffersDsn() {
    assertThat(attempt(deliveries(NAME, open), SmtpDeliveryTest.withDsn(TO)))
        .allSatisfy(outcome -> assertThat(((Delivered) outcome).reportsSuccess()).isTrue());
  }

  @ParameterizedTest
  @EnumSource(TlsMode.class)
  void speaksTlsAsTheModeAsks(TlsMode mode) {
    String mark = "X-Mark: mode " + mode;
    List<Outcome> outcomes = attempt(deliveries(NAME, open).tls(mode, root), marked(mark));

    assertThat(outcomes).hasOnlyElementsOfType(Delivered.class);
    String received = open.awaitMessage(it -> it.contains(mark));
    if (mode == TlsMode.NONE) {
      assertThat(received).contains("with ESMTP ").doesNotContain("ESMTPS");
    } else {
      assertThat(received).contains("with ESMTPS").contains("TLSv1.3");
    }
  }

  @Test
  void verifiesTheNameOverStartTls() {
    Outcome outcome =
        attempt(
                deliveries("other.example.test", open).tls(TlsMode.VERIFIED, root),
                marked("X-Mark: wrong name"))
            .getFirst();

    assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.TLS);
    assertThat(((Deferred) outcome).why().text())
        .contains("does not prove the name other.example.test");
  }

  @Test
  void trustsNobodyElsesAuthority(@TempDir Path folder) throws IOException, CertificateException {
    X509Certificate stranger = certificate(TestCa.in(folder, "stranger").certificate());

    Outcome outcome =
        attempt(
                deliveries(NAME, open).tls(TlsMode.VERIFIED, stranger),
                marked("X-Mark: wrong authority"))
            .getFirst();

    assertThat(((Deferred) outcome).why().status()).hasToString("4.7.5");
  }

  @Test
  void trustsOnlyTheSystemsAuthoritiesWithoutABundle() {
    Outcome outcome =
        attempt(deliveries(NAME, open).tls(TlsMode.VERIFIED), marked("X-Mark: system")).getFirst();

    assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.TLS);
  }

  @Test
  void speaksTlsFromTheFirstOctet() {
    String mark = "X-Mark: implicit";
    Deliveries deliveries =
        new Deliveries().host(NAME, implicitTlsPort).implicitTls().tls(TlsMode.VERIFIED, root);

    assertThat(attempt(deliveries, marked(mark))).hasOnlyElementsOfType(Delivered.class);
    assertThat(open.awaitMessage(it -> it.contains(mark))).contains("with ESMTPS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "SCRAM-SHA-256"})
  void authenticates(String mechanism) {
    String mark = "X-Mark: " + mechanism;
    PostfixServer guarded = servingBy(mechanism);
    Deliveries deliveries =
        deliveries(NAME, guarded)
            .tls(TlsMode.VERIFIED, root)
            .credentials("relay", "pass word\u00e4");

    assertThat(attempt(deliveries, marked(mark))).hasOnlyElementsOfType(Delivered.class);
    assertThat(guarded.awaitMessage(it -> it.contains(mark))).contains("with ESMTPSA");
    assertThat(guarded.log()).contains("sasl_method=" + mechanism + ", sasl_username=relay");
  }

  private static PostfixServer servingBy(String mechanism) {
    return switch (mechanism) {
      case "PLAIN" -> plain;
      case "LOGIN" -> login;
      case "SCRAM-SHA-256" -> scram;
      default -> throw new IllegalArgumentException(mechanism);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "SCRAM-SHA-256"})
  void waitsWhereThePasswordIsWrong(String mechanism) {
    Deliveries deliveries =
        deliveries(NAME, servingBy(mechanism))
            .tls(TlsMode.VERIFIED, root)
            .credentials("relay", "wrong-secret");

    Outcome outcome = attempt(deliveries, marked("X-Mark: wrong password")).getFirst();

    assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.AUTH);
    assertThat(((Deferred) outcome).why().text()).contains("535").doesNotContain("wrong-secret");
  }

  @Test
  void givesEachRecipientItsOwnOutcome() {
    List<Outcome> outcomes =
        attempt(
            deliveries(NAME, open),
            message("a@example.test", "later@example.test", "never@example.test"));

    assertThat(outcomes).hasExactlyElementsOfTypes(Delivered.class, Deferred.class, Failed.class);
    assertThat(((Failed) outcomes.get(2)).why().status()).hasToString("5.1.1");
    assertThat(((Deferred) outcomes.get(1)).why().status()).hasToString("4.2.0");
  }

  private static Attempt marked(String field) {
    String content = "Subject: x\r\n" + field + "\r\n\r\nbody\r\n";
    return message(content.getBytes(StandardCharsets.US_ASCII), TO);
  }

  private static Deliveries deliveries(String name, PostfixServer server) {
    return new Deliveries().host(name, server.port());
  }

  private static List<Outcome> attempt(Deliveries deliveries, Attempt attempt) {
    try (SmtpDelivery delivery = deliveries.start()) {
      return delivery.attempt(attempt);
    }
  }

  private static X509Certificate certificate(Path file) throws IOException, CertificateException {
    try (var in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
