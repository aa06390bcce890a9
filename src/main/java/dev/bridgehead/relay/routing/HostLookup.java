package dev.bridgehead.relay.routing;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.IpVersion;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.ConnectTo.Target;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.Cidr;
import dev.bridgehead.validation.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From a host's name to the addresses that may be connected. */
final class HostLookup {
  /** RFC 1122 §3.2.1.3 and limited broadcast: nobody's addresses. */
  private static final List<Cidr> NOBODY =
      List.of(Cidr.parse("0.0.0.0/8"), Cidr.parse("255.255.255.255/32"));

  private final Resolver dns;
  private final ConnectTo connectTo;
  private final OwnAddresses own;
  private final Loops loops;

  /** What a host came to. */
  sealed interface Host {
    /**
     * Its addresses that may be connected.
     *
     * @param usable may be empty
     * @param ours one of its addresses is this server's
     */
    record Addresses(List<InetSocketAddress> usable, boolean ours) implements Host {}

    /** It has no address. */
    record Missing(String text) implements Host {}

    /** Nobody knows at present. */
    record Unknown(String text) implements Host {}
  }

  HostLookup(Resolver dns, ConnectTo connectTo, OwnAddresses own, Loops loops) {
    this.dns = dns;
    this.connectTo = connectTo;
    this.own = own;
    this.loops = loops;
  }

  /**
   * Looks a host up and checks what is found: the address that is checked is the one that is
   * connected.
   *
   * @param name a name, or a literal with its brackets
   */
  Host find(String name, int port, RelayConfig config) {
    boolean literal = AddressLiteral.isMeant(name);
    if (literal) {
      return literal(name, port, config);
    }
    if (name.equals(config.identity().hostname())) {
      loops.met(name + " is this server's own name");
      return new Host.Addresses(List.of(), true);
    }
    Optional<Target> target = connectTo.target(name, port);
    if (target.isPresent()) {
      return replaced(name, target.get(), config);
    }
    return resolve(name, port, config, true);
  }

  private Host literal(String name, int port, RelayConfig config) {
    InetAddress address;
    try {
      address = AddressLiteral.parse(name);
    } catch (IllegalArgumentException e) {
      return new Host.Missing(name + " is no address");
    }
    Host checked = check(name, List.of(address), port, config);
    boolean usable = checked instanceof Host.Addresses(var addresses, _) && !addresses.isEmpty();
    Optional<Target> target = connectTo.target(name, port);
    return usable && target.isPresent() ? replaced(name, target.get(), config) : checked;
  }

  /** The target of {@code --connect-to} is not checked: that is how tests reach loopback. */
  private Host replaced(String name, Target target, RelayConfig config) {
    String host = target.host() == null ? name : target.host();
    Optional<InetAddress> address =
        AddressLiteral.isMeant(host)
            ? Optional.of(AddressLiteral.parse(host))
            : IpAddress.parse(host);
    if (address.isPresent()) {
      return new Host.Addresses(
          List.of(new InetSocketAddress(address.get(), target.port())), false);
    }
    // RFC 6761 §6.3: these names never reach the DNS.
    if (host.equals("localhost") || host.endsWith(".localhost")) {
      return new Host.Addresses(
          List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port())), false);
    }
    return resolve(host, target.port(), config, false);
  }

  private Host resolve(String name, int port, RelayConfig config, boolean checked) {
    Set<IpVersion> versions = versions(config.outgoing().addressFamily());
    return switch (dns.addresses(absolute(name, config), versions)) {
      case Answer.Found<InetAddress>(List<InetAddress> found) ->
          checked
              ? check(name, found, port, config)
              : new Host.Addresses(
                  found.stream().map(it -> new InetSocketAddress(it, port)).toList(), false);
      case Answer.NoData<InetAddress>() -> new Host.Missing(name + " has no address");
      case Answer.NameError<InetAddress>() -> new Host.Missing(name + " does not exist");
      case Answer.TemporaryFailure<InetAddress>(String text) -> new Host.Unknown(text);
    };
  }

  private Host check(String name, List<InetAddress> found, int port, RelayConfig config) {
    List<InetSocketAddress> usable = new ArrayList<>();
    boolean ours = false;
    for (InetAddress address : found) {
      if (own.contains(address) || config.identity().ownAddresses().contains(address)) {
        ours = true;
        loops.met(
            "%s port %d leads back here: %s is an address of this server"
                .formatted(name, port, address.getHostAddress()));
      } else if (connectable(address)) {
        usable.add(new InetSocketAddress(address, port));
      }
    }
    return usable.isEmpty() && !ours
        ? new Host.Missing(name + " has no address that mail could be sent to")
        : new Host.Addresses(reachable(usable), ours);
  }

  /**
   * Without those of a family that this machine has no address of, where others are left: they
   * would only be there to fail. Where none are left all stay, as the interfaces may be known
   * wrong.
   */
  private List<InetSocketAddress> reachable(List<InetSocketAddress> usable) {
    List<InetSocketAddress> reachable =
        usable.stream().filter(it -> own.reachesFamilyOf(it.getAddress())).toList();
    return reachable.isEmpty() ? usable : reachable;
  }

  private static boolean connectable(InetAddress address) {
    return !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !address.isLinkLocalAddress()
        && NOBODY.stream().noneMatch(range -> range.contains(address));
  }

  private Set<IpVersion> versions(AddressFamily family) {
    return switch (family) {
      case IPV4 -> Set.of(IpVersion.IPV4);
      case IPV6 -> Set.of(IpVersion.IPV6);
      case PREFER_IPV4 -> ordered(IpVersion.IPV4, IpVersion.IPV6);
      // As RFC 6724 would: IPv6 first where this machine has it.
      case ANY ->
          own.hasGlobalIpv6()
              ? ordered(IpVersion.IPV6, IpVersion.IPV4)
              : ordered(IpVersion.IPV4, IpVersion.IPV6);
    };
  }

  private static Set<IpVersion> ordered(IpVersion first, IpVersion second) {
    Set<IpVersion> versions = new LinkedHashSet<>();
    versions.add(first);
    versions.add(second);
    return versions;
  }

  /** A Service's short name goes on with the cluster's domain. */
  static String absolute(String name, RelayConfig config) {
    return name.endsWith(".svc") ? name + "." + config.identity().clusterDomain() : name;
  }
}
