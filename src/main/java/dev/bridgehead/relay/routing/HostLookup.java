package dev.bridgehead.relay.routing;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.IpVersion;
import dev.bridgehead.dns.Lookup;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.ConnectTo.Target;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** From a host's name to the addresses that may be connected. */
final class HostLookup {
  private final Resolver dns;
  private final ConnectTo connectTo;
  private final OwnAddresses own;
  private final Remarks loops;
  private final Remarks refused;

  /** What a host came to. */
  sealed interface Host {
    /**
     * Its addresses that may be connected.
     *
     * @param usable may be empty
     * @param refused the others, each with why
     * @param ours one of its addresses, or its name, is this server's
     * @param located how they were found
     */
    record Addresses(
        List<InetSocketAddress> usable, List<String> refused, boolean ours, Located located)
        implements Host {}

    /**
     * It has no address.
     *
     * @param dnssec of the look-up; null where nothing was looked up
     */
    record Missing(String text, @Nullable Dnssec dnssec) implements Host {}

    /** Nobody knows at present. */
    record Unknown(String text, Dnssec dnssec) implements Host {}
  }

  HostLookup(Resolver dns, ConnectTo connectTo, OwnAddresses own, Remarks loops, Remarks refused) {
    this.dns = dns;
    this.connectTo = connectTo;
    this.own = own;
    this.loops = loops;
    this.refused = refused;
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
      String text = name + " is this server's own name";
      loops.met(text);
      return new Host.Addresses(List.of(), List.of(text), true, Located.given(name, port));
    }
    Optional<Target> target = connectTo.target(name, port);
    if (target.isPresent()) {
      return replaced(name, port, target.get(), config);
    }
    Optional<String> fault = HostNames.fault(name);
    return fault.isPresent() ? new Host.Missing(fault.get(), null) : resolve(name, port, config);
  }

  private Host literal(String name, int port, RelayConfig config) {
    InetAddress address;
    try {
      address = AddressLiteral.parse(name);
    } catch (IllegalArgumentException e) {
      return new Host.Missing(name + " is no address", null);
    }
    return check(name, List.of(address), Located.given(name, port), config);
  }

  /** The target of {@code --connect-to} is not checked: that is how tests reach loopback. */
  private Host replaced(String name, int port, Target target, RelayConfig config) {
    Located located = Located.given(name, port);
    String host = target.host() == null ? name : target.host();
    Optional<InetAddress> address =
        AddressLiteral.isMeant(host)
            ? Optional.of(AddressLiteral.parse(host))
            : IpAddress.parse(host);
    if (address.isPresent()) {
      return unchecked(List.of(address.get()), target.port(), located);
    }
    // RFC 6761 §6.3: these names never reach the DNS.
    if (host.equals("localhost") || host.endsWith(".localhost")) {
      return unchecked(List.of(InetAddress.getLoopbackAddress()), target.port(), located);
    }
    return lookUp(host, config, (found, lookup) -> unchecked(found, target.port(), located));
  }

  private static Host unchecked(List<InetAddress> addresses, int port, Located located) {
    return new Host.Addresses(
        addresses.stream().map(it -> new InetSocketAddress(it, port)).toList(),
        List.of(),
        false,
        located);
  }

  private Host resolve(String name, int port, RelayConfig config) {
    return lookUp(
        name,
        config,
        (found, lookup) ->
            check(
                name,
                found,
                new Located(absolute(name, config), port, lookup.dnssec(), lookup.owner()),
                config));
  }

  private Host lookUp(
      String name,
      RelayConfig config,
      BiFunction<List<InetAddress>, Lookup<InetAddress>, Host> whereFound) {
    Set<IpVersion> versions = versions(config.outgoing().addressFamily());
    Lookup<InetAddress> lookup = dns.addresses(absolute(name, config), versions);
    Dnssec dnssec = lookup.dnssec();
    return switch (lookup.answer()) {
      case Answer.Found<InetAddress>(List<InetAddress> found) -> whereFound.apply(found, lookup);
      case Answer.NoData<InetAddress>() -> new Host.Missing(name + " has no address", dnssec);
      case Answer.NameError<InetAddress>() -> new Host.Missing(name + " does not exist", dnssec);
      case Answer.TemporaryFailure<InetAddress>(String text) -> new Host.Unknown(text, dnssec);
    };
  }

  private Host check(String name, List<InetAddress> found, Located located, RelayConfig config) {
    int port = located.port();
    List<InetSocketAddress> usable = new ArrayList<>();
    List<String> others = new ArrayList<>();
    boolean ours = false;
    for (InetAddress address : found) {
      String ip = address.getHostAddress();
      Optional<String> refusal = AddressRules.refusal(address, config.routes().privateAddresses());
      if (isOwn(address, config)) {
        ours = true;
        others.add(ip + " is an address of this server");
        loops.met(
            "%s port %d leads back here: %s is an address of this server"
                .formatted(name, port, ip));
      } else if (refusal.isPresent()) {
        String text = ip + " " + refusal.get();
        others.add(text);
        refused.met(name + " is not connected: " + text);
      } else {
        usable.add(new InetSocketAddress(address, port));
      }
    }
    return usable.isEmpty() && !ours
        ? new Host.Missing(
            name + " has no address that may be connected: " + String.join(", ", others),
            located.addresses())
        : new Host.Addresses(replaced(reachable(usable), config), others, ours, located);
  }

  /** Rules of {@code --connect-to} for addresses, which leave the host's name and policies be. */
  private List<InetSocketAddress> replaced(List<InetSocketAddress> usable, RelayConfig config) {
    return usable.stream()
        .flatMap(
            it -> {
              String ip = it.getAddress().getHostAddress();
              return connectTo
                  .target(ip, it.getPort())
                  .map(target -> replaced(ip, it.getPort(), target, config))
                  .map(
                      host ->
                          host instanceof Host.Addresses(var given, _, _, _)
                              ? given
                              : List.<InetSocketAddress>of())
                  .orElse(List.of(it))
                  .stream();
            })
        .toList();
  }

  private boolean isOwn(InetAddress address, RelayConfig config) {
    Set<InetAddress> services = config.identity().ownAddresses();
    return own.contains(address)
        || services.contains(address)
        || AddressRules.embedded(address)
            .filter(inner -> own.contains(inner) || services.contains(inner))
            .isPresent();
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
