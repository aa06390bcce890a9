package dev.bridgehead.validation;

import java.net.InetAddress;
import java.util.List;

/** Ranges of addresses that the rules speak of and {@link InetAddress} doesn't know. */
public final class IpRanges {
  /** RFC 1122 section 3.2.1.3: this network; Linux takes 0.0.0.0 for itself. */
  private static final List<Cidr> UNSPECIFIED =
      List.of(Cidr.parse("0.0.0.0/8"), Cidr.parse("::/128"));

  private static final Cidr BROADCAST = Cidr.parse("255.255.255.255/32");

  /** RFC 1918, RFC 6598, RFC 2544, RFC 4193, RFC 3879. */
  private static final List<Cidr> PRIVATE =
      List.of(
          Cidr.parse("10.0.0.0/8"),
          Cidr.parse("172.16.0.0/12"),
          Cidr.parse("192.168.0.0/16"),
          Cidr.parse("100.64.0.0/10"),
          Cidr.parse("198.18.0.0/15"),
          Cidr.parse("fc00::/7"),
          Cidr.parse("fec0::/10"));

  private IpRanges() {}

  static boolean isUnspecified(InetAddress address) {
    return UNSPECIFIED.stream().anyMatch(range -> range.contains(address));
  }

  static boolean isBroadcast(InetAddress address) {
    return BROADCAST.contains(address);
  }

  /** Whether it lies in none of the private ranges. */
  public static boolean isPublic(InetAddress address) {
    return PRIVATE.stream().noneMatch(range -> range.contains(address));
  }
}
