package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.TO;
import static dev.bridgehead.relay.delivery.Deliveries.message;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.GOOD;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.ROOT;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.STRANGER;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.asking;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.lacking;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.offering;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.TlsRequirement;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Mail under REQUIRETLS (RFC 8689 §4.2.1, §5) to smart hosts that really speak TLS. */
class RequireTlsTest {
  private static final Attempt REQUIRED = asking(TlsRequirement.REQUIRED, message(TO));
  private static final Attempt NOTICE = RequireTlsHosts.ofNobody(REQUIRED);

  private static Deliveries opportunistic(ScriptedHost... hosts) {
    return Deliveries.to(hosts)
        .tls(TlsMode.OPPORTUNISTIC, ROOT.certificate())
        .timeouts(Deliveries.SHORT);
  }

  private static Outcome outcome(Deliveries deliveries, Attempt attempt) {
    try (SmtpDelivery delivery = deliveries.start()) {
      return delivery.attempt(attempt).getFirst();
    }
  }

  private static Diagnostic bounced(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Failed.class);
    Diagnostic why = ((Failed) outcome).why();
    assertThat(why.reason()).isEqualTo(Reason.REQUIRETLS);
    return why;
  }

  private static Diagnostic waits(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Deferred.class);
    Diagnostic why = ((Deferred) outcome).why();
    assertThat(why.status().klass()).isEqualTo(4);
    return why;
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void goesToAHostThatProvesItsNameAndIsToldToPassItOn(TlsMode mode) {
    try (ScriptedHost host = offering(GOOD)) {
      Deliveries deliveries = opportunistic(host).tls(mode, ROOT.certificate());
      assertThat(outcome(deliveries, REQUIRED)).isInstanceOf(Delivered.class);
      assertThat(host.commands("MAIL"))
          .singleElement()
          .asString()
          .startsWith("MAIL FROM:<sender@example.test>")
          .endsWith(" REQUIRETLS");
    }
  }

  @Test
  void otherMailIsNotUnderIt() {
    try (ScriptedHost host = offering(GOOD)) {
      assertThat(outcome(opportunistic(host), message(TO))).isInstanceOf(Delivered.class);
      assertThat(host.commands("MAIL")).singleElement().asString().doesNotContain("REQUIRETLS");
    }
  }

  @Test
  void isReturnedWhereTheHostOffersNoRequireTls() {
    try (ScriptedHost host = lacking(GOOD)) {
      Diagnostic why = bounced(outcome(opportunistic(host), REQUIRED));
      assertThat(why.status()).hasToString("5.7.30");
      assertThat(why.text()).contains("the message needs REQUIRETLS, which isn't offered");
      assertThat(host.commands("MAIL")).isEmpty();
      await().untilAsserted(() -> assertThat(host.commands("QUIT")).hasSize(1));
    }
  }

  @Test
  void isReturnedWhereTheHostOffersItInTheClearOnly() {
    try (ScriptedHost host =
        ScriptedHost.startTls(
            GOOD.context(),
            RequireTlsHosts.byEhlo(
                "250-host.example.test\r\n250-REQUIRETLS\r\n250 STARTTLS",
                "250-host.example.test\r\n250 8BITMIME"))) {
      assertThat(bounced(outcome(opportunistic(host), REQUIRED)).status()).hasToString("5.7.30");
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @Test
  void isReturnedWhereTheHostOffersNoTls() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      assertThat(bounced(outcome(opportunistic(host), REQUIRED)).status()).hasToString("5.7.10");
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @Test
  void isReturnedInModeNoneWithoutAConnection() {
    try (ScriptedHost host = offering(GOOD)) {
      Diagnostic why = bounced(outcome(opportunistic(host).tls(TlsMode.NONE), REQUIRED));
      assertThat(why.status()).hasToString("5.7.10");
      assertThat(host.sessions()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"stranger", "expired", "other"})
  void isReturnedWhereTheCertificateProvesNothing(String fault) {
    try (ScriptedHost host =
        offering(
            switch (fault) {
              case "stranger" -> STRANGER.issue("mx1.example.test");
              case "expired" -> ROOT.issueExpired("mx1.example.test");
              default -> ROOT.issue("mx9.example.test");
            })) {
      assertThat(bounced(outcome(opportunistic(host), REQUIRED)).status()).hasToString("5.7.10");
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"454 4.7.0 not now, true", "502 5.5.1 what?, false"})
  void waitsWhereStartTlsIsRefusedForNowOnly(String reply, boolean forNow) {
    try (ScriptedHost host =
        ScriptedHost.startTls(
            GOOD.context(),
            (stage, session) -> stage.equals("STARTTLS") ? Optional.of(reply) : Optional.empty())) {
      Outcome outcome = outcome(opportunistic(host), REQUIRED);
      if (forNow) {
        assertThat(waits(outcome).reason()).isEqualTo(Reason.REQUIRETLS);
      } else {
        assertThat(bounced(outcome).status()).hasToString("5.7.10");
      }
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @Test
  void waitsWhereTheHandshakeBreaksOff() {
    try (ScriptedHost host = ScriptedHost.brokenTls()) {
      Diagnostic why = waits(outcome(opportunistic(host), REQUIRED));
      assertThat(why.reason()).isEqualTo(Reason.REQUIRETLS);
      assertThat(host.sessions()).as("no second one in clear text").isEqualTo(1);
    }
  }

  @Test
  void goesToTheNextHostThatDoes() {
    try (ScriptedHost first = lacking(GOOD);
        ScriptedHost second = ScriptedHost.friendly();
        ScriptedHost third = offering(GOOD)) {
      assertThat(outcome(opportunistic(first, second, third), REQUIRED))
          .isInstanceOf(Delivered.class);
      assertThat(first.commands("MAIL")).isEmpty();
      assertThat(second.commands("MAIL")).isEmpty();
      assertThat(third.messages()).hasSize(1);
    }
  }

  @Test
  void isReturnedOnceNoHostIsLeft() {
    try (ScriptedHost first = ScriptedHost.friendly();
        ScriptedHost second = lacking(GOOD)) {
      assertThat(bounced(outcome(opportunistic(first, second), REQUIRED)).status())
          .hasToString("5.7.30");
    }
  }

  @Test
  void waitsForAHostThatMayDoTomorrow() {
    try (ScriptedHost lacking = lacking(GOOD);
        ScriptedHost busy = ScriptedHost.answering("(greeting)", "421 4.3.2 later")) {
      assertThat(waits(outcome(opportunistic(lacking, busy), REQUIRED)).text()).contains("later");
      assertThat(waits(outcome(opportunistic(busy, lacking), REQUIRED)).text()).contains("later");
    }
  }

  @Test
  void waitsForAHostThatIsPassedOverSinceItDidNotAnswerLately() {
    try (ScriptedHost dead = offering(GOOD);
        ScriptedHost lacking = lacking(GOOD);
        SmtpDelivery delivery = opportunistic(dead, lacking).start()) {
      dead.close();
      assertThat(delivery.attempt(message(TO)).getFirst()).isInstanceOf(Delivered.class);

      Diagnostic why = waits(delivery.attempt(REQUIRED).getFirst());
      assertThat(why.status()).hasToString("4.7.30");
    }
  }

  @Test
  void isNeverSentInASessionThatIsKeptForOtherMail() {
    try (ScriptedHost host = offering(GOOD);
        SmtpDelivery delivery = opportunistic(host).timeouts(Timeouts.STANDARD).start()) {
      delivery.attempt(message(TO));
      assertThat(delivery.attempt(REQUIRED).getFirst()).isInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(2);

      assertThat(delivery.attempt(REQUIRED).getFirst()).isInstanceOf(Delivered.class);
      delivery.attempt(message(TO));
      assertThat(host.sessions()).as("both kept, each for its own").isEqualTo(2);
      assertThat(host.commands("MAIL").stream().map(it -> it.endsWith(" REQUIRETLS")))
          .containsExactly(false, true, true, false);
    }
  }

  @Test
  void isNotSentInAProvenSessionEitherWhoseHostLacksIt() {
    try (ScriptedHost host = lacking(GOOD);
        SmtpDelivery delivery =
            opportunistic(host)
                .tls(TlsMode.VERIFIED, ROOT.certificate())
                .timeouts(Timeouts.STANDARD)
                .start()) {
      assertThat(delivery.attempt(message(TO)).getFirst()).isInstanceOf(Delivered.class);
      assertThat(bounced(delivery.attempt(REQUIRED).getFirst()).status()).hasToString("5.7.30");
      assertThat(host.messages()).hasSize(1);
    }
  }

  @Test
  void isTriedOverImplicitTlsToo() {
    try (ScriptedHost host =
            ScriptedHost.overTls(
                GOOD.context(), "EHLO", "250-host.example.test\r\n250 REQUIRETLS");
        ScriptedHost without =
            ScriptedHost.overTls(GOOD.context(), "EHLO", "250 host.example.test")) {
      assertThat(outcome(opportunistic(host).implicitTls(), REQUIRED))
          .isInstanceOf(Delivered.class);
      assertThat(bounced(outcome(opportunistic(without).implicitTls(), REQUIRED)).status())
          .hasToString("5.7.30");
    }
  }

  @Test
  void aNoticeIsUnderItWhereTheHostDoes() {
    try (ScriptedHost host = offering(GOOD)) {
      assertThat(outcome(opportunistic(host), NOTICE)).isInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(1);
      assertThat(host.commands("MAIL"))
          .singleElement()
          .asString()
          .startsWith("MAIL FROM:<> ")
          .endsWith(" REQUIRETLS");
    }
  }

  @Test
  void aNoticeIsNotLostForAHostThatDoesNot() {
    try (ScriptedHost lacking = lacking(GOOD);
        ScriptedHost clear = ScriptedHost.friendly();
        ScriptedHost expired = offering(ROOT.issueExpired("mx1.example.test"))) {
      for (ScriptedHost host : new ScriptedHost[] {lacking, clear, expired}) {
        assertThat(outcome(opportunistic(host), NOTICE)).isInstanceOf(Delivered.class);
        assertThat(host.commands("MAIL"))
            .singleElement()
            .asString()
            .startsWith("MAIL FROM:<>")
            .doesNotContain("REQUIRETLS");
      }
    }
  }

  @Test
  void aNoticeIsSentAsTheModeAsksAllTheSame() {
    try (ScriptedHost clear = ScriptedHost.friendly()) {
      Deliveries verified = opportunistic(clear).tls(TlsMode.VERIFIED, ROOT.certificate());
      assertThat(waits(outcome(verified, NOTICE)).reason()).isEqualTo(Reason.TLS);
      assertThat(clear.commands("MAIL")).isEmpty();
    }
  }

  @Test
  void countsWhatWasAskedForAndWhatCameOfIt() {
    try (ScriptedHost host = lacking(GOOD)) {
      Deliveries deliveries = opportunistic(host);
      outcome(deliveries, REQUIRED);
      assertThat(
              deliveries
                  .metrics()
                  .get("bridgehead.delivery.tls.sessions")
                  .tag("policy", "requiretls")
                  .tag("result", "requiretls_not_supported")
                  .counter()
                  .count())
          .isEqualTo(1);
    }
  }
}
