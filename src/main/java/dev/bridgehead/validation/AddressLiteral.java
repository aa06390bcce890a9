package dev.bridgehead.validation;

import java.net.InetAddress;

/** An IP address in square brackets (RFC 5321 section 4.1.3), as a smart host may be written. */
public final class AddressLiteral {
  private static final String TAG = "IPv6:";

  /** More than any literal can have. */
  private static final int MAX_INPUT = 64;

  private AddressLiteral() {}

  /** Whether the text means to be a literal: it begins with a bracket. */
  public static boolean isMeant(String text) {
    return text.startsWith("[");
  }

  /**
   * Reads {@code [192.0.2.25]}, {@code [2001:db8::25]} or {@code [IPv6:2001:db8::25]}. An
   * IPv4-mapped address comes back as IPv4.
   *
   * @throws IllegalArgumentException with advice
   */
  public static InetAddress parse(String text) {
    int close = text.indexOf(']');
    if (!text.startsWith("[") || close < 0) {
      throw new IllegalArgumentException(
          "must be an IP address in square brackets, such as [192.0.2.25]; the closing one is"
              + " missing");
    }
    if (close < text.length() - 1) {
      throw new IllegalArgumentException(
          text.startsWith(":", close + 1)
              ? "must end with the closing bracket; the port belongs into the field port"
              : "must end with the closing bracket");
    }
    if (text.length() > MAX_INPUT) {
      throw notAnAddress();
    }
    return inside(text.substring(1, close));
  }

  private static InetAddress inside(String inner) {
    if (inner.indexOf('%') >= 0) {
      throw new IllegalArgumentException(
          "must not have a zone id: a link-local address is no smart host");
    }
    boolean tagged = inner.regionMatches(true, 0, TAG, 0, TAG.length());
    String address = tagged ? inner.substring(TAG.length()) : inner;
    if (tagged && address.indexOf(':') < 0) {
      throw notAnAddress();
    }
    return IpAddress.parse(address).orElseThrow(AddressLiteral::notAnAddress);
  }

  private static IllegalArgumentException notAnAddress() {
    return new IllegalArgumentException(
        "must hold an IPv4 address as four decimal numbers or an IPv6 address, such as"
            + " [192.0.2.25] or [2001:db8::25]");
  }
}
