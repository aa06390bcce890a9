package dev.bridgehead.relay.delivery;

import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.relay.auth.BearerClient;
import dev.bridgehead.relay.auth.ClientExchange;
import dev.bridgehead.relay.auth.LoginClient;
import dev.bridgehead.relay.auth.Mechanism;
import dev.bridgehead.relay.auth.Nonce;
import dev.bridgehead.relay.auth.PlainClient;
import dev.bridgehead.relay.auth.ScramClient;
import dev.bridgehead.relay.oauth.AccessTokens;
import dev.bridgehead.relay.oauth.NoTokenException;
import java.security.SecureRandom;
import java.util.List;

/** How this relay logs in at smart hosts. Any thread. */
final class Logins {
  /** The strongest first: a proof shows the password to nobody. */
  private static final List<Mechanism> WITH_PASSWORD =
      List.of(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN);

  /** The one that is a standard first. */
  private static final List<Mechanism> WITH_TOKEN =
      List.of(Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);

  private final SecureRandom random;
  private final AccessTokens tokens;

  Logins(SecureRandom random, AccessTokens tokens) {
    this.random = random;
    this.tokens = tokens;
  }

  /** The mechanisms that some credentials are good for, in the order of preference. */
  List<Mechanism> mechanisms(Credentials credentials) {
    return switch (credentials) {
      case Credentials.Password _ -> WITH_PASSWORD;
      case Credentials.OAuth _ -> WITH_TOKEN;
    };
  }

  /**
   * Begins to log in; blocks while a token is asked for.
   *
   * @param mechanism one that the credentials are good for
   * @throws IllegalArgumentException whose message continues "the name or password …"
   */
  ClientExchange begin(Mechanism mechanism, Credentials credentials) throws NoTokenException {
    return switch (credentials) {
      case Credentials.Password password -> begin(mechanism, password);
      case Credentials.OAuth oauth -> begin(mechanism, oauth);
    };
  }

  private ClientExchange begin(Mechanism mechanism, Credentials.Password credentials) {
    String name = credentials.username();
    String password = credentials.password();
    return switch (mechanism) {
      case SCRAM_SHA_256 -> new ScramClient(name, password, Nonce.of(random));
      case PLAIN -> new PlainClient(name, password);
      case LOGIN -> new LoginClient(name, password);
      case OAUTHBEARER, XOAUTH2 -> throw new AssertionError("not with a password: " + mechanism);
    };
  }

  private ClientExchange begin(Mechanism mechanism, Credentials.OAuth credentials)
      throws NoTokenException {
    String name = credentials.username();
    String token = tokens.token(credentials.grant());
    return switch (mechanism) {
      case OAUTHBEARER -> BearerClient.oauthBearer(name, token);
      case XOAUTH2 -> BearerClient.xoauth2(name, token);
      case SCRAM_SHA_256, PLAIN, LOGIN ->
          throw new AssertionError("not with a token: " + mechanism);
    };
  }

  /** The smart host did not let these in: a token is asked for anew. */
  void refused(Credentials credentials) {
    if (credentials instanceof Credentials.OAuth(_, var grant)) {
      tokens.refused(grant);
    }
  }
}
