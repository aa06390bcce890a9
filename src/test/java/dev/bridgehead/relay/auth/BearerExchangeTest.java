package dev.bridgehead.relay.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.auth.Turn.Accepted;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BearerExchangeTest {
  private static final String WEB = "system:serviceaccount:shop:web";
  private static final Tokens SIGNER = Tokens.elliptic(256);
  private static final TokenTrust TRUST =
      TokenTrust.of("iss", "internet.mail.svc", Tokens.set(SIGNER.jwk()), Set.of(WEB));

  private static String token(String audience) {
    long now = Instant.now().getEpochSecond();
    return SIGNER.token(
        """
        {"aud":["%s"],"exp":%d,"iat":%d,"iss":"iss","kubernetes.io":{"namespace":"shop",
         "serviceaccount":{"name":"web","uid":"33"}},"sub":"system:serviceaccount:shop:web"}"""
            .formatted(audience, now + 600, now));
  }

  private static Turn play(Mechanism mechanism, String... messages) {
    List<String> responses =
        List.of(messages).stream()
            .map(
                message ->
                    message.replace('^', '\u0001').replace("TOKEN", token("internet.mail.svc")))
            .toList();
    return Accept.play(Accept.exchange(mechanism, Users.NONE, TRUST), responses);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "OAUTHBEARER; n,a=web@shop,^host=h.example^port=587^auth=Bearer TOKEN^^",
        "OAUTHBEARER; n,,^auth=bearer TOKEN^^",
        "OAUTHBEARER; y,,^x=^auth=Bearer TOKEN^^",
        "XOAUTH2; user=web^auth=Bearer TOKEN^^",
        "XOAUTH2; user=^auth=Bearer TOKEN^^",
      })
  void takesAToken(Mechanism mechanism, String message) {
    assertThat(play(mechanism, message)).isEqualTo(new Accepted(WEB));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "OAUTHBEARER; ''",
        "OAUTHBEARER; n,,",
        "OAUTHBEARER; n,,auth=Bearer TOKEN^^",
        "OAUTHBEARER; n,,^auth=Bearer TOKEN",
        "OAUTHBEARER; n,,^auth=Bearer TOKEN^",
        "OAUTHBEARER; user=web^auth=Bearer TOKEN^^",
        "OAUTHBEARER; n,,^4=x^auth=Bearer TOKEN^^",
        "XOAUTH2; n,,^auth=Bearer TOKEN^^",
        "XOAUTH2; user=web",
        "XOAUTH2; ''",
      })
  void refusesOtherForms(Mechanism mechanism, String message) {
    assertThat(play(mechanism, message)).isEqualTo(new Rejected(Reason.MALFORMED, "", ""));
  }

  /** RFC 7628 section 3.2.3: the reason first, which the client acknowledges. */
  @Test
  void saysWhyBeforeItFails() {
    Exchange exchange = Accept.exchange(Mechanism.OAUTHBEARER, Users.NONE, TRUST);
    String message = "n,,\u0001auth=Bearer " + token("other") + "\u0001\u0001";

    assertThat(Accept.text(Accept.play(exchange, List.of(message))))
        .isEqualTo("{\"status\":\"invalid_token\"}");
    assertThat(Accept.play(exchange, List.of("\u0001")))
        .isEqualTo(
            new Rejected(
                Reason.BAD_CREDENTIALS,
                "",
                "the token of " + WEB + " is for another audience than internet.mail.svc"));
  }

  @Test
  void xoauth2SaysWhyInItsOwnWords() {
    Exchange exchange = Accept.exchange(Mechanism.XOAUTH2, Users.NONE, TRUST);

    assertThat(
            Accept.text(
                Accept.play(exchange, List.of("user=web\u0001auth=Bearer x.y.z\u0001\u0001"))))
        .contains("\"status\":\"401\"");
    assertThat(Accept.play(exchange, List.of(""))).isInstanceOf(Rejected.class);
  }

  @ParameterizedTest
  @CsvSource({"PLAIN", "LOGIN"})
  void aTokenServesAsAPasswordWithAnyName(Mechanism mechanism) {
    String token = token("internet.mail.svc");
    List<String> responses =
        mechanism == Mechanism.PLAIN ? List.of("\0any\0" + token) : List.of("any", token);
    Users users = Accept.users("any", "password");

    assertThat(Accept.play(Accept.exchange(mechanism, users, TRUST), responses))
        .isEqualTo(new Accepted(WEB));
    assertThat(Accept.play(Accept.exchange(mechanism, Users.NONE, TRUST), responses))
        .isEqualTo(new Accepted(WEB));
    assertThat(Accept.play(Accept.exchange(mechanism, users, null), responses))
        .isInstanceOf(Rejected.class);
  }

  @Test
  void whereOnlyTokensAreTakenNoPasswordIs() {
    assertThat(
            Accept.play(
                Accept.exchange(Mechanism.PLAIN, Users.NONE, TRUST), List.of("\0tim\0secret")))
        .isEqualTo(new Rejected(Reason.BAD_CREDENTIALS, "tim", ""));
  }

  @Test
  void offersWhatLeadsAnywhere() {
    assertThat(Accounts.NONE.mechanisms()).isEmpty();
    assertThat(new Accounts(Accept.users("a", "b"), null).mechanisms())
        .containsExactly(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.SCRAM_SHA_256);
    assertThat(new Accounts(Users.NONE, TRUST).mechanisms())
        .containsExactly(
            Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);
  }
}
