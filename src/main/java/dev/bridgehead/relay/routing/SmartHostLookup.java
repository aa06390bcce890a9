package dev.bridgehead.relay.routing;

import dev.bridgehead.api.Selection;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfig.SmartHostTarget;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.HostLookup.Host;
import dev.bridgehead.relay.routing.Survey.Surveyed;
import java.util.ArrayList;
import java.util.List;

/** SmartHost mode: addresses of the smart hosts; without an order among them they rank equal. */
final class SmartHostLookup {
  private final HostLookup hosts;

  SmartHostLookup(HostLookup hosts) {
    this.hosts = hosts;
  }

  Search find(RelayConfig config) {
    List<SmartHostTarget> targets = config.routes().smartHosts();
    List<Host> found = Parallel.map(targets, it -> hosts.find(it.name(), it.port(), config));
    boolean equal = config.routes().selection() == Selection.ROUND_ROBIN;
    List<Candidate> candidates = new ArrayList<>();
    List<Surveyed> surveyed = new ArrayList<>();
    boolean loop = false;
    boolean whole = true;
    List<String> troubles = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      SmartHostTarget target = targets.get(i);
      int rank = equal ? 0 : i;
      surveyed.add(Surveyed.of(target.name(), null, target.port(), false, found.get(i)));
      switch (found.get(i)) {
        case Host.Addresses it -> {
          hops(target, it).forEach(hop -> candidates.add(new Candidate(hop, rank)));
          loop |= it.ours();
        }
        case Host.Missing(String text, _) -> troubles.add(text);
        case Host.Unknown(String text, _) -> {
          troubles.add(text);
          whole = false;
        }
      }
    }
    Route none = candidates.isEmpty() ? nowhere(loop, troubles) : null;
    return Search.of(null, Origin.GIVEN, surveyed, candidates, whole, none);
  }

  private static List<NextHop> hops(SmartHostTarget target, Host.Addresses found) {
    return found.usable().stream()
        .map(
            address ->
                new NextHop(
                    target.name(),
                    address,
                    target.implicitTls(),
                    target.tlsName(),
                    target.credentials(),
                    found.located()))
        .toList();
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
}
