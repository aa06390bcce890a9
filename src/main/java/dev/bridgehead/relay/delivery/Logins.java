package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.auth.ClientExchange;
import dev.bridgehead.relay.auth.LoginClient;
import dev.bridgehead.relay.auth.Mechanism;
import dev.bridgehead.relay.auth.Nonce;
import dev.bridgehead.relay.auth.PlainClient;
import dev.bridgehead.relay.auth.ScramClient;
import dev.bridgehead.relay.config.RelayConfig.Credentials;
import java.security.SecureRandom;
import java.util.List;

/** How this relay logs in at smart hosts. Any thread. */
final class Logins {
  /** The strongest first: a proof shows the password to nobody. */
  private static final List<Mechanism> WITH_PASSWORD =
      List.of(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN);

  private final SecureRandom random;

  Logins(SecureRandom random) {
    this.random = random;
  }

  /** The mechanisms that some credentials are good for, in the order of preference. */
  List<Mechanism> mechanisms(Credentials credentials) {
    return WITH_PASSWORD;
  }

  /**
   * Begins to log in.
   *
   * @param mechanism one that the credentials are good for
   * @throws IllegalArgumentException whose message continues "the name or password …"
   */
  ClientExchange begin(Mechanism mechanism, Credentials credentials) {
    String name = credentials.username();
    String password = credentials.password();
    return switch (mechanism) {
      case SCRAM_SHA_256 -> new ScramClient(name, password, Nonce.of(random));
      case PLAIN -> new PlainClient(name, password);
      case LOGIN -> new LoginClient(name, password);
      case OAUTHBEARER, XOAUTH2 -> throw new AssertionError("not with a password: " + mechanism);
    };
  }
}
