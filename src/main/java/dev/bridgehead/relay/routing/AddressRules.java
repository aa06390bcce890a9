package dev.bridgehead.relay.routing;

import dev.bridgehead.validation.Cidr;
import dev.bridgehead.validation.IpRanges;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which addresses may be connected where strangers wrote the DNS: who owns a domain must not be
 * able to make this server speak to whatever answers in its own network (case 17). IPv4 inside IPv6
 * is judged as the IPv4 that packets end up at.
 */
final class AddressRules {
  /** A range where no mail server is, and what it is called. */
  private record Never(Cidr range, String name) {
    static Never of(String range, String name) {
      return new Never(Cidr.parse(range), name);
    }
  }

  private static final List<Never> NEVER =
      List.of(
          Never.of("0.0.0.0/8", "an unspecified address"), // RFC 1122 §3.2.1.3
          Never.of("127.0.0.0/8", "a loopback address"),
          Never.of("169.254.0.0/16", "a link-local address"), // metadata services among them
          Never.of("224.0.0.0/4", "a multicast address"),
          Never.of("255.255.255.255/32", "the broadcast address"),
          Never.of("240.0.0.0/4", "a reserved address"), // RFC 1112 §4
          Never.of("::/128", "an unspecified address"),
          Never.of("::1/128", "a loopback address"),
          Never.of("fe80::/10", "a link-local address"),
          Never.of("ff00::/8", "a multicast address"),
          Never.of("100::/64", "a discard address"), // RFC 6666
          Never.of("2001::/32", "a Teredo address")); // RFC 4380: IPv4 inside, out of use

  /** Where IPv4 stands inside of IPv6: the octet that it begins at. */
  private record Embedding(Cidr range, int offset) {
    static Embedding of(String range, int offset) {
      return new Embedding(Cidr.parse(range), offset);
    }
  }

  private static final List<Embedding> EMBEDDINGS =
      List.of(
          Embedding.of("64:ff9b::/96", 12), // NAT64, RFC 6052 §2.1
          Embedding.of("64:ff9b:1::/48", 12), // local NAT64, RFC 8215, with a prefix of 96
          Embedding.of("2002::/16", 2), // 6to4, RFC 3056
          Embedding.of("::ffff:0:0:0/96", 12), // RFC 2765 §2.1
          Embedding.of("::/96", 12)); // IPv4-compatible, RFC 4291 §2.5.5.1

  private AddressRules() {}

  /**
   * Why an address may not be connected, as {@code is …}; empty where it may.
   *
   * @param privateAllowed private ranges may be
   */
  static Optional<String> refusal(InetAddress address, boolean privateAllowed) {
    Optional<String> outer = plain(address, privateAllowed);
    return outer.isPresent()
        ? outer
        : embedded(address)
            .flatMap(inner -> plain(inner, privateAllowed).map(why -> why + inside(inner)));
  }

  private static String inside(InetAddress inner) {
    return " (" + inner.getHostAddress() + " inside of it)";
  }

  private static Optional<String> plain(InetAddress address, boolean privateAllowed) {
    for (Never never : NEVER) {
      if (never.range().contains(address)) {
        return Optional.of("is " + never.name());
      }
    }
    return privateAllowed || IpRanges.isPublic(address)
        ? Optional.empty()
        : Optional.of(
            "is a private address, which spec.routing.allowPrivateAddresses does not allow");
  }

  /** The IPv4 address inside of an IPv6 one, where it has one. */
  static Optional<InetAddress> embedded(InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length != 16) {
      return Optional.empty();
    }
    return EMBEDDINGS.stream()
        .filter(embedding -> embedding.range().contains(address))
        .findFirst()
        .map(embedding -> ipv4(octets, embedding.offset()));
  }

  private static InetAddress ipv4(byte[] octets, int offset) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(octets, offset, offset + 4));
    } catch (UnknownHostException e) {
      throw new AssertionError("4 octets are an address", e);
    }
  }
}
