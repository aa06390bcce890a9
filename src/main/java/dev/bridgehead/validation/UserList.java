package dev.bridgehead.validation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Who may log in with a password: a line {@code NAME:SCRAM-SHA-256$…} for each, empty lines and
 * those that begin with {@code #} aside. A list in one key rather than a key for each user: a
 * Secret's keys can't hold an {@code @}, which half of all user names have.
 *
 * @param users by name, in SASLprep's form
 * @param faults by line number and without a word of the line, which may be a password
 */
public record UserList(Map<String, StoredPassword> users, List<String> faults) {
  /** The Secret's key. */
  public static final String KEY = "users";

  private static final int MAX_NAME = 255;
  private static final int MAX_FAULTS = 10;

  /** How hashes of other kinds begin. */
  private static final Pattern OTHER_HASH =
      Pattern.compile("\\$[0-9a-z]+\\$.*|\\{[A-Za-z0-9.-]+}.*|SCRAM-SHA-.*|md5[0-9a-f]{32}");

  private static final String MAKE_ONE = "; `bridgehead user-hash NAME` makes a line";

  public UserList {
    users = Map.copyOf(users);
    faults = List.copyOf(faults);
  }

  /** Reads a list; a fault of one line leaves the others. */
  public static UserList parse(String text) {
    Map<String, StoredPassword> users = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    int number = 0;
    for (String each : (Iterable<String>) text.lines()::iterator) {
      number++;
      String line = each.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        add(line, users);
      } catch (IllegalArgumentException fault) {
        if (faults.size() == MAX_FAULTS) {
          faults.add("and more");
          break;
        }
        faults.add("line " + number + " " + fault.getMessage());
      }
    }
    if (users.isEmpty() && faults.isEmpty()) {
      faults.add("it has no line with a user" + MAKE_ONE);
    }
    return new UserList(users, faults);
  }

  private static void add(String line, Map<String, StoredPassword> users) {
    int colon = line.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("must be NAME:" + StoredPassword.SCHEME + "$…" + MAKE_ONE);
    }
    String name = name(line.substring(0, colon));
    StoredPassword password = password(line.substring(colon + 1));
    if (users.putIfAbsent(name, password) != null) {
      throw new IllegalArgumentException("must not have a name that a line before it has");
    }
  }

  /**
   * A user's name as it is kept.
   *
   * @throws IllegalArgumentException whose message begins with {@code must}
   */
  public static String name(String text) {
    if (text.length() > MAX_NAME) {
      throw new IllegalArgumentException("must have a name of at most " + MAX_NAME + " characters");
    }
    if (text.indexOf(':') >= 0 || text.startsWith("#") || !text.equals(text.strip())) {
      throw new IllegalArgumentException(
          "must have a name without a colon, a # at its front, or spaces around it");
    }
    try {
      return Saslprep.stored(text);
    } catch (IllegalArgumentException refused) {
      throw new IllegalArgumentException("has a name that " + refused.getMessage());
    }
  }

  private static StoredPassword password(String text) {
    try {
      return StoredPassword.parse(text);
    } catch (IllegalArgumentException refused) {
      if (text.startsWith(StoredPassword.SCHEME + "$")) {
        throw new IllegalArgumentException(
            "has a damaged hash, which " + refused.getMessage() + MAKE_ONE);
      }
      if (OTHER_HASH.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "has a hash of another kind than " + StoredPassword.SCHEME + MAKE_ONE);
      }
      throw new IllegalArgumentException(
          "has no hash: a password is never kept in clear text" + MAKE_ONE);
    }
  }

  /** Names only. */
  @Override
  public String toString() {
    return "UserList" + users.keySet();
  }
}
