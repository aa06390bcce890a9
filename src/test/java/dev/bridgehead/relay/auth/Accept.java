package dev.bridgehead.relay.auth;

import dev.bridgehead.validation.StoredPassword;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Accounts and exchanges of tests. */
final class Accept {
  private static final byte[] SALT = "salt of the tests".getBytes(StandardCharsets.UTF_8);

  private Accept() {}

  static StoredPassword stored(String password) {
    return Scram.store(password, SALT, StoredPassword.MIN_ITERATIONS);
  }

  /** Each name followed by its password. */
  static Users users(String... namesAndPasswords) {
    Map<String, StoredPassword> users = new HashMap<>();
    for (int i = 0; i < namesAndPasswords.length; i += 2) {
      users.put(namesAndPasswords[i], stored(namesAndPasswords[i + 1]));
    }
    return new Users(users);
  }

  static Exchange exchange(Mechanism mechanism, Users users, @Nullable TokenTrust tokens) {
    return new Authenticator(
            new PasswordChecks(1, Duration.ofSeconds(10)), Clock.systemUTC(), new SecureRandom())
        .start(mechanism, new Accounts(users, tokens));
  }

  /** The last turn of an exchange in which every response is at hand. */
  static Turn play(Exchange exchange, List<String> responses) {
    Turn turn = new Turn.Challenge(new byte[0]);
    for (String response : responses) {
      turn = exchange.respond(response.getBytes(StandardCharsets.UTF_8));
      if (!(turn instanceof Turn.Challenge)) {
        return turn;
      }
    }
    return turn;
  }

  static String text(Turn turn) {
    return turn instanceof Turn.Challenge(byte[] octets)
        ? new String(octets, StandardCharsets.UTF_8)
        : turn.toString();
  }
}
