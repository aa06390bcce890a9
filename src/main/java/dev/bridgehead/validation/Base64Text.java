package dev.bridgehead.validation;

import java.util.Base64;

/** Base64 as RFC 4648 section 4 has it: padded, canonical, and nothing between or behind. */
public final class Base64Text {
  private static final String MESSAGE = "must be base64 with its padding";

  private Base64Text() {}

  /**
   * The octets. Java's own decoder lets missing padding and stray bits pass, so that several texts
   * would mean the same.
   *
   * @throws IllegalArgumentException where the text is not the one that encodes its octets
   */
  public static byte[] decode(String text) {
    try {
      byte[] octets = Base64.getDecoder().decode(text);
      if (encode(octets).equals(text)) {
        return octets;
      }
    } catch (IllegalArgumentException notBase64) {
      throw new IllegalArgumentException(MESSAGE, notBase64);
    }
    throw new IllegalArgumentException(MESSAGE);
  }

  public static String encode(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }
}
