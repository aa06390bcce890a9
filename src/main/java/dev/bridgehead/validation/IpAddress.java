package dev.bridgehead.validation;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Strict texts of IP addresses: IPv4 as four decimal octets without leading zeros, IPv6 by RFC 4291
 * section 2.2 without a zone. Nothing is looked up. An IPv4-mapped IPv6 address comes back as the
 * IPv4 address that it is.
 */
public final class IpAddress {
  private static final int MAX_TEXT = 45; // an IPv6 address with an IPv4 tail

  private static final byte[] NONE = {};

  private IpAddress() {}

  /** Reads an address; empty where the text is none. */
  public static Optional<InetAddress> parse(String text) {
    return octets(text).map(IpAddress::of);
  }

  /** The 4 or 16 octets as written: an IPv4-mapped address keeps its 16. */
  static Optional<byte[]> octets(String text) {
    if (text.isEmpty() || text.length() > MAX_TEXT) {
      return Optional.empty();
    }
    byte[] octets = text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
    return Optional.ofNullable(octets.length == 0 ? null : octets);
  }

  static InetAddress of(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets); // turns ::ffff:a.b.c.d into IPv4
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 octets are an address", e);
    }
  }

  private static byte[] ipv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return NONE;
    }
    byte[] octets = new byte[4];
    for (int i = 0; i < 4; i++) {
      int octet = number(parts[i], 10, 3);
      if (octet < 0 || octet > 255 || (parts[i].length() > 1 && parts[i].charAt(0) == '0')) {
        return NONE;
      }
      octets[i] = (byte) octet;
    }
    return octets;
  }

  private static byte[] ipv6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      byte[] all = groups(text, true);
      return all.length == 16 ? all : NONE;
    }
    String before = text.substring(0, gap);
    String after = text.substring(gap + 2);
    byte[] head = before.isEmpty() ? NONE : groups(before, false);
    byte[] tail = after.isEmpty() ? NONE : groups(after, true);
    boolean broken =
        (head.length == 0 && !before.isEmpty()) || (tail.length == 0 && !after.isEmpty());
    // The gap stands for one group at least.
    if (broken || head.length + tail.length > 14) {
      return NONE;
    }
    byte[] octets = new byte[16];
    System.arraycopy(head, 0, octets, 0, head.length);
    System.arraycopy(tail, 0, octets, 16 - tail.length, tail.length);
    return octets;
  }

  /** Groups between single colons; the last one may be a dotted quad where that is allowed. */
  private static byte[] groups(String text, boolean quadAllowed) {
    String[] parts = text.split(":", -1);
    byte[] octets = new byte[16];
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      boolean quad = quadAllowed && i == parts.length - 1 && parts[i].indexOf('.') >= 0;
      byte[] group = quad ? ipv4(parts[i]) : group(parts[i]);
      if (group.length == 0 || length + group.length > 16) {
        return NONE;
      }
      System.arraycopy(group, 0, octets, length, group.length);
      length += group.length;
    }
    return Arrays.copyOf(octets, length);
  }

  private static byte[] group(String text) {
    int value = number(text, 16, 4);
    return value < 0 ? NONE : new byte[] {(byte) (value >> 8), (byte) value};
  }

  /** ASCII digits only, unlike Integer.parseInt; -1 where it is no number. */
  private static int number(String text, int radix, int maxDigits) {
    if (text.isEmpty() || text.length() > maxDigits) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value * radix + digit;
    }
    return value;
  }
}
