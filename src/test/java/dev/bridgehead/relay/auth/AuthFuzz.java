package dev.bridgehead.relay.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Exchanges of AUTH with clients that nobody knows yet. Nobody is let in who does not say the
 * password, no secret is in what goes to the log, challenges are text. The first octet of the input
 * names the mechanism, 0xFF parts the responses.
 */
public final class AuthFuzz {
  private static final String PASSWORD = "correct horse";
  private static final Users USERS = Accept.users("ann", PASSWORD);
  private static final String NONCE = "3rfcNHYJY1ZVvWVs7j";
  private static final TokenTrust TOKENS =
      TokenTrust.of(
          "https://kubernetes.default.svc",
          "internet.mail.svc",
          Tokens.set(Tokens.elliptic(256).jwk()),
          Set.of("system:serviceaccount:shop:web"));

  private AuthFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    Exchange exchange = exchange(input[0] & 0xFF);
    String all = new String(input, 1, input.length - 1, ISO_8859_1);
    Turn turn = exchange.begin();
    for (String response : all.split("\u00FF", -1)) {
      if (!(turn instanceof Turn.Challenge(byte[] challenge))) {
        break;
      }
      assertThat(new String(challenge, UTF_8)).doesNotContain(PASSWORD).matches("[ -~]*");
      turn = exchange.respond(response.getBytes(ISO_8859_1));
    }
    switch (turn) {
      case Turn.Accepted(String user) -> {
        assertThat(user).isEqualTo("ann");
        assertThat(exchange).isNotInstanceOf(BearerExchange.class);
        assertThat(exchange instanceof ScramExchange || all.contains(PASSWORD)).isTrue();
      }
      case Turn.Rejected(Turn.Reason why, String name, String detail) -> {
        assertThat(why).isNotNull();
        assertThat(name.length()).isLessThanOrEqualTo(all.length());
        assertThat(detail).doesNotContain(PASSWORD);
      }
      case Turn.Challenge challenge -> assertThat(challenge.octets()).hasSizeLessThan(16_384);
    }
  }

  private static Exchange exchange(int number) {
    BiFunction<String, String, Turn> password =
        (name, given) ->
            name.equals("ann") && given.equals(PASSWORD)
                ? new Turn.Accepted(name)
                : new Turn.Rejected(Turn.Reason.BAD_CREDENTIALS, name, "");
    return List.of(
            new PlainExchange(password),
            new LoginExchange(password),
            new ScramExchange(USERS, NONCE),
            new BearerExchange(BearerExchange.Form.OAUTHBEARER, AuthFuzz::token),
            new BearerExchange(BearerExchange.Form.XOAUTH2, AuthFuzz::token))
        .get(number % 5);
  }

  private static Turn token(String token) {
    return switch (TOKENS.judge(token, Instant.EPOCH)) {
      case TokenTrust.Good(String user) -> new Turn.Accepted(user);
      case TokenTrust.Bad(String why) -> new Turn.Rejected(Turn.Reason.BAD_CREDENTIALS, "", why);
      case TokenTrust.UnknownKey(String why) -> new Turn.Rejected(Turn.Reason.NOT_NOW, "", why);
    };
  }
}
