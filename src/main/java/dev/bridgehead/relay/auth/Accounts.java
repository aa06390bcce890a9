package dev.bridgehead.relay.auth;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may log in.
 *
 * @param users with a password
 * @param tokens of ServiceAccounts; null where none are taken
 */
public record Accounts(Users users, @Nullable TokenTrust tokens) {
  /** Nobody. */
  public static final Accounts NONE = new Accounts(Users.NONE, null);

  /** The mechanisms that lead anywhere; none where nobody may log in. */
  public List<Mechanism> mechanisms() {
    List<Mechanism> offered = new ArrayList<>();
    if (!users.isEmpty() || tokens != null) {
      offered.add(Mechanism.PLAIN);
      offered.add(Mechanism.LOGIN);
    }
    if (!users.isEmpty()) {
      offered.add(Mechanism.SCRAM_SHA_256);
    }
    if (tokens != null) {
      offered.add(Mechanism.OAUTHBEARER);
      offered.add(Mechanism.XOAUTH2);
    }
    return offered;
  }

  /** Whether somebody who logged in is still one of them. */
  public boolean has(String user) {
    return users.has(user) || (tokens != null && tokens.users().contains(user));
  }
}
