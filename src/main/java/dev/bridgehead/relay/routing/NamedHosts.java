package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.HostLookup.Host;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;

/**
 * Hosts that a domain's owner names beside its next hops, such as that of its MTA-STS policy: what
 * may be connected there is what may be connected for mail. Nothing of it is in the status, since
 * no mail fails by it. Any thread may ask, and blocks for look-ups.
 */
public final class NamedHosts {
  private final Supplier<RelayConfig> configs;
  private final HostLookup hosts;

  public NamedHosts(
      Supplier<RelayConfig> configs,
      Resolver dns,
      ConnectTo connectTo,
      OwnAddresses own,
      ElapsedTime clock) {
    this.configs = configs;
    this.hosts = new HostLookup(dns, connectTo, own, new Remarks(clock), new Remarks(clock));
  }

  /**
   * A host's addresses, checked: to be connected as they are, without another look-up.
   *
   * @param usable those that may be connected
   * @param remarks one line each: which others are not and why, why there are none
   */
  public record Found(List<InetSocketAddress> usable, List<String> remarks) {
    public Found {
      usable = List.copyOf(usable);
      remarks = List.copyOf(remarks);
    }

    private static Found none(String why) {
      return new Found(List.of(), List.of(why));
    }
  }

  /**
   * @param name A-labels in lower case
   */
  public Found find(String name, int port) {
    return switch (hosts.find(name, port, configs.get())) {
      case Host.Addresses it -> new Found(it.usable(), it.refused());
      case Host.Missing it -> Found.none(it.text());
      case Host.Unknown it -> Found.none(it.text());
    };
  }
}
