package dev.bridgehead.relay.routing;

import dev.bridgehead.api.Selection;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfig.SmartHostTarget;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.HostLookup.Host;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** SmartHost mode: addresses of the smart hosts, in the order of the selection. */
final class SmartHostTurns {
  private final HostLookup hosts;
  private final DeadHosts dead;
  private final AtomicInteger turn = new AtomicInteger();

  SmartHostTurns(HostLookup hosts, DeadHosts dead) {
    this.hosts = hosts;
    this.dead = dead;
  }

  Route route(RelayConfig config) {
    List<SmartHostTarget> targets = config.routes().smartHosts();
    List<Host> found = Parallel.map(targets, it -> hosts.find(it.name(), it.port(), config));
    List<NextHop> hops = new ArrayList<>();
    boolean loop = false;
    List<String> troubles = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      switch (found.get(i)) {
        case Host.Addresses(var usable, boolean ours) -> {
          SmartHostTarget target = targets.get(i);
          usable.forEach(
              address ->
                  hops.add(
                      new NextHop(
                          target.name(), address, target.implicitTls(), target.credentials())));
          loop |= ours;
        }
        case Host.Missing(String text) -> troubles.add(text);
        case Host.Unknown(String text) -> troubles.add(text);
      }
    }
    if (!hops.isEmpty()) {
      List<NextHop> live = dead.live(hops);
      return live.isEmpty()
          ? DeadHosts.none(hops)
          : new Route.Hops(inTurn(live, config.routes().selection()));
    }
    return nowhere(loop, troubles);
  }

  /** A smart host without an address is the operator's to mend: mail waits, it does not bounce. */
  private static Route nowhere(boolean loop, List<String> troubles) {
    if (loop && troubles.isEmpty()) {
      return new Route.Refused(
          new Diagnostic(
              Reason.LOOP,
              new EnhancedStatus(5, 4, 6),
              "every smart host leads back to this server",
              null,
              null));
    }
    return new Route.Unresolved(
        new Diagnostic(
            Reason.DNS,
            new EnhancedStatus(4, 4, 3),
            "no smart host can be found: " + String.join("; ", troubles),
            null,
            null));
  }

  private List<NextHop> inTurn(List<NextHop> hops, Selection selection) {
    return switch (selection) {
      case FAILOVER -> hops;
      case ROUND_ROBIN -> {
        List<List<NextHop>> groups = byHost(hops);
        Collections.rotate(groups, -Math.floorMod(turn.getAndIncrement(), groups.size()));
        yield groups.stream().flatMap(List::stream).toList();
      }
    };
  }

  /** The turn is the host's; its addresses stay together. */
  private static List<List<NextHop>> byHost(List<NextHop> hops) {
    List<List<NextHop>> groups = new ArrayList<>();
    for (NextHop hop : hops) {
      boolean sameAsLast =
          !groups.isEmpty()
              && groups.getLast().getLast().host().equals(hop.host())
              && groups.getLast().getLast().address().getPort() == hop.address().getPort();
      if (!sameAsLast) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(hop);
    }
    return groups;
  }
}
