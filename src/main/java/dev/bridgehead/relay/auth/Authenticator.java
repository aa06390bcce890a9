package dev.bridgehead.relay.auth;

import dev.bridgehead.relay.auth.Turn.Accepted;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import java.security.SecureRandom;
import java.time.Clock;

/** Begins exchanges. Any thread. */
public final class Authenticator {
  private final PasswordChecks passwords;
  private final Clock clock;
  private final SecureRandom random;

  public Authenticator(PasswordChecks passwords, Clock clock, SecureRandom random) {
    this.passwords = passwords;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Begins an exchange.
   *
   * @param mechanism one of those that the accounts offer
   */
  public Exchange start(Mechanism mechanism, Accounts accounts) {
    return switch (mechanism) {
      case PLAIN -> new PlainExchange((name, password) -> check(accounts, name, password));
      case LOGIN -> new LoginExchange((name, password) -> check(accounts, name, password));
      case SCRAM_SHA_256 -> new ScramExchange(accounts.users(), Nonce.of(random));
      case OAUTHBEARER ->
          new BearerExchange(BearerExchange.Form.OAUTHBEARER, token -> token(accounts, "", token));
      case XOAUTH2 ->
          new BearerExchange(BearerExchange.Form.XOAUTH2, token -> token(accounts, "", token));
    };
  }

  /**
   * A name with a password, or with a token in its place: programs that know nothing of tokens can
   * be given one. A token says itself whose it is, so that any name will do with it.
   */
  private Turn check(Accounts accounts, String name, String password) {
    if (accounts.tokens() != null && TokenTrust.isMeant(password)) {
      return token(accounts, name, password);
    }
    return accounts.users().isEmpty()
        ? new Rejected(Reason.BAD_CREDENTIALS, name, "")
        : passwords.check(accounts.users(), name, password);
  }

  private Turn token(Accounts accounts, String name, String token) {
    TokenTrust trust = accounts.tokens();
    if (trust == null) {
      return new Rejected(Reason.BAD_CREDENTIALS, name, "");
    }
    return switch (trust.judge(token, clock.instant())) {
      case TokenTrust.Good(String user) -> new Accepted(user);
      case TokenTrust.Bad(String why) -> new Rejected(Reason.BAD_CREDENTIALS, name, why);
      case TokenTrust.UnknownKey(String why) -> new Rejected(Reason.NOT_NOW, name, why);
    };
  }
}
