package dev.bridgehead.relay.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The encoding of DSN parameters (RFC 3461 §4): {@code +} and two upper-case hexadecimal digits.
 */
public final class Xtext {
  private Xtext() {}

  /** What was encoded; empty where the text is no xtext, or hides what is not printable ASCII. */
  public static Optional<String> decoded(String text) {
    return octets(text)
        .map(octets -> new String(octets, StandardCharsets.ISO_8859_1))
        .filter(plain -> plain.chars().allMatch(c -> c >= ' ' && c <= '~'));
  }

  /** The octets that were encoded, whatever they are; empty where the text is no xtext. */
  public static Optional<byte[]> octets(String text) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '+') {
        if (i + 2 >= text.length()) {
          return Optional.empty();
        }
        int octet = digit(text.charAt(i + 1)) << 4 | digit(text.charAt(i + 2));
        if (octet < 0) { // a digit is none
          return Optional.empty();
        }
        plain.write(octet);
        i += 2;
      } else if (c < '!' || c > '~' || c == '=') {
        return Optional.empty();
      } else {
        plain.write(c);
      }
    }
    return Optional.of(plain.toByteArray());
  }

  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }
}
