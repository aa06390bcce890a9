package dev.bridgehead.relay.auth;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/** Our own server's side of a login, for tests elsewhere. */
public final class LoginChecks {
  private LoginChecks() {}

  /** The server's side of one exchange, with somebody who has a token: only this one is good. */
  public static Exchange ofToken(Mechanism mechanism, String good) {
    return new BearerExchange(
        BearerExchange.Form.valueOf(mechanism.name()),
        token ->
            token.equals(good)
                ? new Turn.Accepted("relay")
                : new Turn.Rejected(Turn.Reason.BAD_CREDENTIALS, "", "another"));
  }

  /** The server's side of one exchange, with somebody who has a password. */
  public static Exchange of(Mechanism mechanism, String name, String password) {
    Users users = new Users(Map.of(name, Scram.store(password, new byte[16], 4096)));
    return new Authenticator(
            new PasswordChecks(1, Duration.ofSeconds(10)), Clock.systemUTC(), new SecureRandom())
        .start(mechanism, new Accounts(users, null));
  }
}
