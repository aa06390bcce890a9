package dev.bridgehead.validation;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * A range of addresses. IPv4-mapped IPv6 is IPv4, on both sides of {@link #contains}.
 *
 * @param network the first address
 * @param prefix length in bits, 0-32 or 0-128
 */
public record Cidr(InetAddress network, int prefix) {
  /** More than any range can have. */
  private static final int MAX_INPUT = 64;

  private static final int MAPPED_BITS = 96;

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single address.
   *
   * @throws IllegalArgumentException with advice: not a range, or host bits behind the prefix
   */
  public static Cidr parse(String text) {
    if (text.length() > MAX_INPUT) {
      throw notARange();
    }
    int slash = text.indexOf('/');
    byte[] octets =
        IpAddress.octets(slash < 0 ? text : text.substring(0, slash)).orElseThrow(Cidr::notARange);
    int bits = octets.length * 8;
    int prefix =
        slash < 0 ? bits : prefix(text.substring(slash + 1), bits).orElseThrow(Cidr::notARange);
    byte[] network = masked(octets, prefix);
    if (!Arrays.equals(network, octets)) {
      throw new IllegalArgumentException(
          "must not have host bits behind the prefix; the range is " + of(network, prefix));
    }
    return of(network, prefix);
  }

  /**
   * The /64 of an IPv6 address, all of which one host may have (RFC 4291 section 2.5.1); empty for
   * IPv4, mapped too.
   */
  public static Optional<Cidr> network64(InetAddress client) {
    byte[] octets = IpAddress.of(client.getAddress()).getAddress();
    return octets.length == 16 ? Optional.of(of(masked(octets, 64), 64)) : Optional.empty();
  }

  public boolean contains(InetAddress address) {
    byte[] octets = IpAddress.of(address.getAddress()).getAddress();
    byte[] own = network.getAddress();
    return octets.length == own.length && Arrays.equals(masked(octets, prefix), own);
  }

  /** Whether some address is in both. */
  public boolean overlaps(Cidr other) {
    return prefix <= other.prefix ? contains(other.network) : other.contains(network);
  }

  private static Cidr of(byte[] octets, int prefix) {
    InetAddress network = IpAddress.of(octets);
    boolean mapped = octets.length == 16 && network.getAddress().length == 4;
    return new Cidr(network, mapped ? prefix - MAPPED_BITS : prefix);
  }

  private static Optional<Integer> prefix(String text, int bits) {
    boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(text);
    return prefix > bits ? Optional.empty() : Optional.of(prefix);
  }

  private static byte[] masked(byte[] octets, int prefix) {
    byte[] masked = octets.clone();
    for (int i = 0; i < masked.length; i++) {
      int bits = Math.clamp(prefix - i * 8L, 0, 8);
      masked[i] &= (byte) (0xFF << (8 - bits));
    }
    return masked;
  }

  private static IllegalArgumentException notARange() {
    return new IllegalArgumentException(
        "must be an IP address or a range in CIDR form, such as 10.0.0.0/8 or 2001:db8::/32");
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }
}
