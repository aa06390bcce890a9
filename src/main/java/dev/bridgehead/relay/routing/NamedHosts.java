package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.HostLookup.Host;
import dev.bridgehead.relay.routing.Survey.Surveyed;
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
   * @param name A-labels in lower case
   */
  public Surveyed find(String name, int port) {
    Host found = hosts.find(name, port, configs.get());
    return Surveyed.of(name, null, port, false, found);
  }
}
