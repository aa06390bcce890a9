package dev.bridgehead.relay.auth;

import dev.bridgehead.validation.Base64Text;
import dev.bridgehead.validation.StoredPassword;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The users with a password. Whoever asks for one that there is not gets something alike, so that
 * names can't be tried out: salt and iterations always the same for the same name, from every pod
 * of the bridgehead, and as much to compute (RFC 5802 section 9, RFC 4616 section 5).
 */
public final class Users {
  /** No one. */
  public static final Users NONE = new Users(Map.of());

  private final TreeMap<String, StoredPassword> byName;
  private final List<StoredPassword> models;
  private final byte[] secret;

  /**
   * @param byName in SASLprep's form
   */
  public Users(Map<String, StoredPassword> byName) {
    this.byName = new TreeMap<>(byName);
    this.models = List.copyOf(this.byName.values());
    // Nobody outside knows these keys, and every pod has the same. A changed list changes the
    // salts of names that there are not: who watches one for long may notice.
    StringBuilder keys = new StringBuilder("names that there are not");
    models.forEach(model -> keys.append('\n').append(model.text()));
    this.secret = Scram.sha256(Utf8.encode(keys.toString()));
  }

  /**
   * What a name leads to.
   *
   * @param known whether there is such a user; false: nothing that is checked may succeed
   */
  record Found(StoredPassword password, boolean known) {}

  boolean isEmpty() {
    return byName.isEmpty();
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  /** For a name in SASLprep's form; there must be users. */
  Found find(String name) {
    StoredPassword password = byName.get(name);
    StoredPassword madeUp = madeUp(name); // made in either case: it takes its time
    return password == null ? new Found(madeUp, false) : new Found(password, true);
  }

  private StoredPassword madeUp(String name) {
    byte[] salts = Scram.hmac(secret, "salt " + name);
    byte[] choice = Scram.hmac(secret, "model " + name);
    StoredPassword model =
        models.get(Math.floorMod(ByteBuffer.wrap(choice).getInt(), models.size()));
    byte[] salt = salts;
    int length = Base64Text.decode(model.salt()).length;
    while (salt.length < length) {
      salt = Arrays.copyOf(salt, 2 * salt.length);
      System.arraycopy(
          Scram.hmac(secret, "more " + salt.length + " " + name),
          0,
          salt,
          salt.length / 2,
          Scram.OCTETS);
    }
    return new StoredPassword(
        model.iterations(),
        Base64Text.encode(Arrays.copyOf(salt, length)),
        Base64Text.encode(Scram.hmac(secret, "stored key " + name)),
        Base64Text.encode(Scram.hmac(secret, "server key " + name)));
  }

  /** What the configuration was made from; by it, configurations are compared. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Users users && byName.equals(users.byName);
  }

  @Override
  public int hashCode() {
    return byName.hashCode();
  }

  /** Names only. */
  @Override
  public String toString() {
    return "Users" + byName.keySet();
  }
}
