package dev.bridgehead.validation;

import com.ibm.icu.text.StringPrep;
import com.ibm.icu.text.StringPrepParseException;

/**
 * User names and passwords in the one form in which they are compared (SASLprep, RFC 4013):
 * compatibility forms folded, spaces of all kinds to one kind, no control characters.
 */
public final class Saslprep {
  private Saslprep() {}

  /**
   * What is kept: a name in a list, a password that is hashed.
   *
   * @throws IllegalArgumentException whose message continues "the name …", without the text itself
   */
  public static String stored(String text) {
    return prepare(text, StringPrep.DEFAULT);
  }

  /**
   * What a client sends, to be compared: characters that Unicode 3.2 did not have may be in it (RFC
   * 3454 section 7).
   *
   * @throws IllegalArgumentException whose message continues "the name …", without the text itself
   */
  public static String query(String text) {
    return prepare(text, StringPrep.ALLOW_UNASSIGNED);
  }

  private static String prepare(String text, int options) {
    try {
      // Not kept in a constant: an instance is cached by ICU, and is not promised to be shareable.
      String prepared = StringPrep.getInstance(StringPrep.RFC4013_SASLPREP).prepare(text, options);
      if (prepared.isEmpty()) {
        throw new IllegalArgumentException("must not be empty");
      }
      return prepared;
    } catch (StringPrepParseException refused) { // its message shows the text
      throw new IllegalArgumentException(
          "must not hold control characters, or others that SASLprep (RFC 4013) forbids");
    }
  }
}
