package dev.bridgehead.relay.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bridgehead.api.Access;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.manifest.ConnectorManifest;
import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.auth.TokenTrust;
import dev.bridgehead.relay.auth.Users;
import dev.bridgehead.validation.UserList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who may log in, of a manifest: users of a Secret, ServiceAccounts with what their tokens are
 * checked with, which the operator adds.
 *
 * @param laptop there is no cluster: ServiceAccounts are left out where nothing says how to check
 *     their tokens
 * @param faults what is wrong is added here
 */
record AccountsReader(ConnectorManifest manifest, boolean laptop, List<String> faults) {
  private static final String TOKEN_ISSUER = "bridgehead.dev/token-issuer";
  private static final String TOKEN_KEYS = "bridgehead.dev/token-keys";
  private static final String USERS = "spec.access.usersSecretRef";

  Accounts read() {
    Access access = manifest.spec().accessOrDefault();
    LocalRef users = access.usersSecretRef();
    return new Accounts(users == null ? Users.NONE : users(users.name()), tokens(access));
  }

  /** Whether a manifest names ServiceAccounts that nothing is known about. */
  static boolean leavesOutServiceAccounts(ConnectorManifest manifest) {
    return !manifest.spec().accessOrDefault().serviceAccountsOrNone().isEmpty()
        && !manifest.annotations().containsKey(TOKEN_KEYS);
  }

  private Users users(String secret) {
    Map<String, byte[]> keys = manifest.secrets().get(secret);
    if (keys == null) {
      faults.add(ConfigReader.missing(USERS, "Secret", secret, manifest, laptop));
      return Users.NONE;
    }
    String where = USERS + ": the Secret \"" + secret + "\"";
    byte[] list = keys.get(UserList.KEY);
    if (list == null) {
      faults.add(where + " has no key \"" + UserList.KEY + "\"");
      return Users.NONE;
    }
    UserList read = UserList.parse(new String(list, UTF_8));
    read.faults()
        .forEach(fault -> faults.add(where + ": the key \"" + UserList.KEY + "\": " + fault));
    return new Users(read.users());
  }

  private @Nullable TokenTrust tokens(Access access) {
    if (access.serviceAccountsOrNone().isEmpty()) {
      return null;
    }
    String issuer = manifest.annotations().get(TOKEN_ISSUER);
    String keys = manifest.annotations().get(TOKEN_KEYS);
    if (issuer == null || keys == null) {
      if (!laptop) {
        faults.add(
            "metadata.annotations["
                + TOKEN_KEYS
                + "]: missing, and spec.access.serviceAccounts needs it; the operator writes it");
      }
      return null;
    }
    try {
      return TokenTrust.of(
          issuer,
          manifest.name() + "." + manifest.namespace() + ".svc",
          keys,
          access.serviceAccountsOrNone().stream()
              .map(account -> TokenTrust.PREFIX + account.namespace() + ":" + account.name())
              .collect(Collectors.toSet()));
    } catch (IllegalArgumentException unusable) {
      faults.add("metadata.annotations[" + TOKEN_KEYS + "]: the keys " + unusable.getMessage());
      return null;
    }
  }
}
