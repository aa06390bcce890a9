package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What a peer may do wrong around STARTTLS. Real handshakes are with real peers, in PostfixIT. */
class StartTlsTest {
  private static final String TO = "rcpt@example.test";

  @Test
  void goesOnWithoutTlsWhereNoneIsOfferedAndNoneIsNeeded() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      assertThat(outcome(TlsMode.OPPORTUNISTIC, host)).isInstanceOf(Delivered.class);
      assertThat(host.commands("STARTTLS")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REQUIRED", "VERIFIED"})
  @DisplayName("case 09: nothing is sent without TLS where it is needed")
  void sendsNothingWithoutTlsWhereItIsNeeded(TlsMode mode) {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      Outcome outcome = outcome(mode, host);

      assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.TLS);
      assertThat(((Deferred) outcome).why().status()).hasToString("4.7.4");
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @Test
  void asksForNoTlsWhereNoneIsWanted() {
    try (ScriptedHost host = offering("220 go")) {
      assertThat(outcome(TlsMode.NONE, host)).isInstanceOf(Delivered.class);
      assertThat(host.commands("STARTTLS")).isEmpty();
    }
  }

  @Test
  void goesOnInPlaintextWhereStartTlsIsRefusedAndNotNeeded() {
    try (ScriptedHost host = offering("454 4.7.0 not now")) {
      assertThat(outcome(TlsMode.OPPORTUNISTIC, host)).isInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(1);
    }
  }

  @Test
  void connectsAnewInPlaintextWhereTheHandshakeFailsAndTlsIsNotNeeded() {
    try (ScriptedHost host = ScriptedHost.brokenTls()) {
      assertThat(outcome(TlsMode.OPPORTUNISTIC, host)).isInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REQUIRED", "VERIFIED"})
  void sendsNothingWhereTheHandshakeFailsAndTlsIsNeeded(TlsMode mode) {
    try (ScriptedHost host = ScriptedHost.brokenTls()) {
      assertThat(((Deferred) outcome(mode, host)).why().status()).hasToString("4.7.5");
      assertThat(host.sessions()).isEqualTo(1);
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  @DisplayName("case 07: what was injected behind the reply to STARTTLS is refused")
  void refusesWhatWasInjectedAfterTheReplyToStartTls(TlsMode mode) {
    try (ScriptedHost host = offering("220 go\r\n250 injected")) {
      assertThat(((Deferred) outcome(mode, host)).why().text()).contains("unexpected plaintext");
      assertThat(host.sessions()).isEqualTo(1);
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "VERIFIED")
  void showsNoPasswordToAPeerThatDidNotProveItsName(TlsMode mode) {
    try (ScriptedHost host =
            ScriptedHost.answering("EHLO", "250-host.example.test\r\n250 AUTH PLAIN LOGIN");
        SmtpDelivery delivery =
            Deliveries.to(host).tls(mode).credentials("relay", "secret").start()) {
      assertThat(delivery.attempt(message(TO)).getFirst()).isInstanceOf(Deferred.class);
      assertThat(host.commands("AUTH")).isEmpty();
    }
  }

  private static Outcome outcome(TlsMode mode, ScriptedHost host) {
    try (SmtpDelivery delivery = Deliveries.to(host).tls(mode).timeouts(Deliveries.SHORT).start()) {
      return delivery.attempt(message(TO)).getFirst();
    }
  }

  /** Offers STARTTLS in every session, and answers it so. */
  private static ScriptedHost offering(String reply) {
    return ScriptedHost.answering(
        (stage, session) ->
            switch (stage) {
              case "STARTTLS" -> Optional.of(reply);
              case String command when command.startsWith("EHLO") ->
                  Optional.of("250-host.example.test\r\n250 STARTTLS");
              default -> Optional.empty();
            });
  }
}
