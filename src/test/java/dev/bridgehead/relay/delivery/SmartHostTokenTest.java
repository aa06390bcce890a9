package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.manifest.TokenGrant;
import dev.bridgehead.relay.auth.LoginChecks;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.oauth.TokenServer;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.testbed.ServerContexts;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How this relay logs in at a smart host with an access token, which it asks for elsewhere. */
@Timeout(60)
class SmartHostTokenTest {
  private static final String TO = "rcpt@example.test";
  private static final SelfSigned CERTIFICATE = SelfSigned.of("mx1.example.test");

  private final TokenServer endpoint;

  SmartHostTokenTest() throws IOException {
    endpoint = TokenServer.giving(3600);
  }

  @AfterEach
  void close() {
    endpoint.close();
  }

  private Deliveries deliveries(ScriptedHost host) {
    TokenGrant grant =
        new TokenGrant(
            endpoint.address(), "client", "hush", null, null, List.of(TokenServer.root()));
    return Deliveries.to(host)
        .implicitTls()
        .tls(TlsMode.VERIFIED, CERTIFICATE.certificate())
        .credentials(new Credentials.OAuth("relay@example.com", grant))
        .timeouts(Deliveries.SHORT);
  }

  private static ScriptedHost host(String offered, String goodToken) {
    return ScriptedHost.overTls(
        ServerContexts.of(CERTIFICATE),
        new SmartHostLoginTest.Checking(
            offered, mechanism -> LoginChecks.ofToken(mechanism, goodToken)));
  }

  private Outcome outcome(ScriptedHost host) {
    try (SmtpDelivery delivery = deliveries(host).start()) {
      return delivery.attempt(message(TO)).getFirst();
    }
  }

  private static Diagnostic why(Outcome outcome) {
    return ((Deferred) outcome).why();
  }

  @ParameterizedTest
  @CsvSource({
    "XOAUTH2 OAUTHBEARER PLAIN, OAUTHBEARER",
    "LOGIN XOAUTH2, XOAUTH2",
  })
  void logsInWithATokenByTheStandardWhereItIsOffered(String offered, String chosen) {
    try (ScriptedHost host = host(offered, "token-1")) {
      assertThat(outcome(host)).isInstanceOf(Delivered.class);
      assertThat(host.commands("AUTH ")).singleElement().asString().startsWith("AUTH " + chosen);
      assertThat(host.messages()).hasSize(1);
    }
  }

  @Test
  void asksForOneTokenForManySessions() {
    try (ScriptedHost host = host("XOAUTH2", "token-1");
        SmtpDelivery delivery = deliveries(host).start();
        SmtpDelivery again = deliveries(host).start()) {
      for (int i = 0; i < 3; i++) {
        assertThat(delivery.attempt(message(TO)).getFirst()).isInstanceOf(Delivered.class);
      }
      assertThat(endpoint.asked()).hasSize(1);
      assertThat(why(again.attempt(message(TO)).getFirst()).reason())
          .as("token-2 is another")
          .isEqualTo(Reason.AUTH);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"OAUTHBEARER", "XOAUTH2"})
  void aTokenThatIsRefusedKeepsTheMail(String mechanism) {
    try (ScriptedHost host = host(mechanism, "another")) {
      Diagnostic why = why(outcome(host));

      assertThat(why.reason()).isEqualTo(Reason.AUTH);
      assertThat(why.status()).hasToString("4.7.8");
      assertThat(why.text()).endsWith("said: 535 5.7.8 no (in reply to AUTH " + mechanism + ")");
      assertThat(host.messages()).isEmpty();
    }
  }

  @Test
  void anEndpointThatGivesNoneKeepsTheMail() {
    endpoint.answer(TokenServer.answering(401, "{\"error\":\"invalid_client\"}"));
    try (ScriptedHost host = host("XOAUTH2", "token-1")) {
      Diagnostic why = why(outcome(host));

      assertThat(why.reason()).isEqualTo(Reason.AUTH);
      assertThat(why.text())
          .endsWith(
              "no access token to log in with: "
                  + endpoint.address()
                  + " answers 401 invalid_client");
      assertThat(host.commands("AUTH")).isEmpty();
    }
  }

  @Test
  void noTokenIsAskedForWhereTheHostTakesNone() {
    try (ScriptedHost host = host("PLAIN LOGIN", "token-1")) {
      assertThat(why(outcome(host)).text())
          .endsWith("none of AUTH OAUTHBEARER, AUTH XOAUTH2 is offered");
      assertThat(endpoint.asked()).isEmpty();
    }
  }

  @Test
  void aLongTokenIsSentInALineOfItsOwn() {
    String token = "x".repeat(3000);
    endpoint.answer(
        TokenServer.answering(
            200, "{\"token_type\":\"Bearer\",\"access_token\":\"%s\"}".formatted(token)));
    try (ScriptedHost host = host("XOAUTH2", token)) {
      assertThat(outcome(host)).isInstanceOf(Delivered.class);
      assertThat(host.commands("AUTH")).containsExactly("AUTH XOAUTH2");
    }
  }
}
