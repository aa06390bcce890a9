package dev.bridgehead.validation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is kept of a password: enough to check it, or a SCRAM proof of it, not enough to log in with
 * (RFC 5802 section 3, RFC 7677).
 *
 * @param iterations of PBKDF2, {@link #MIN_ITERATIONS} to {@link #MAX_ITERATIONS}
 * @param salt base64, of 8 to 64 octets
 * @param storedKey base64, of 32 octets
 * @param serverKey base64, of 32 octets
 */
public record StoredPassword(int iterations, String salt, String storedKey, String serverKey) {
  /** Of the text form, as RFC 5803 and PostgreSQL have it. */
  public static final String SCHEME = "SCRAM-SHA-256";

  /** RFC 7677 section 4. */
  public static final int MIN_ITERATIONS = 4096;

  /** A check with PLAIN costs as many; this takes a core some 0.2 s. */
  public static final int MAX_ITERATIONS = 600_000;

  private static final int KEY_OCTETS = 32;
  private static final int MIN_SALT = 8;
  private static final int MAX_SALT = 64;
  private static final int MAX_TEXT = 512;
  private static final Pattern FORM =
      Pattern.compile(
          "SCRAM-SHA-256\\$([1-9][0-9]{0,8}):([A-Za-z0-9+/=]+)"
              + "\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");

  public StoredPassword {
    if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw new IllegalArgumentException(
          "must have " + MIN_ITERATIONS + " to " + MAX_ITERATIONS + " iterations");
    }
    int octets = Base64Text.decode(salt).length;
    if (octets < MIN_SALT || octets > MAX_SALT) {
      throw new IllegalArgumentException(
          "must have a salt of " + MIN_SALT + " to " + MAX_SALT + " octets");
    }
    if (Base64Text.decode(storedKey).length != KEY_OCTETS
        || Base64Text.decode(serverKey).length != KEY_OCTETS) {
      throw new IllegalArgumentException("must have keys of " + KEY_OCTETS + " octets");
    }
  }

  /**
   * Reads {@code SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY}.
   *
   * @throws IllegalArgumentException with what it must be, and never with what it is
   */
  public static StoredPassword parse(String text) {
    Matcher form = FORM.matcher(text);
    if (text.length() > MAX_TEXT || !form.matches()) {
      throw new IllegalArgumentException(
          "must be " + SCHEME + "$ITERATIONS:SALT$STOREDKEY:SERVERKEY");
    }
    return new StoredPassword(
        Integer.parseInt(form.group(1)), form.group(2), form.group(3), form.group(4));
  }

  /** The form that {@link #parse} reads. */
  public String text() {
    return SCHEME + "$" + iterations + ":" + salt + "$" + storedKey + ":" + serverKey;
  }

  /** Never the keys. */
  @Override
  public String toString() {
    return SCHEME + "$" + iterations + ":…";
  }
}
