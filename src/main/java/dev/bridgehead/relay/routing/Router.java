package dev.bridgehead.relay.routing;

import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Says where mail goes, by the configuration of the moment. Any thread may ask. */
public final class Router {
  private final Supplier<RelayConfig> configs;
  private final DeadHosts dead;
  private final Remarks loops;
  private final Remarks refused;
  private final MailExchangers mailExchangers;
  private final SmartHostLookup smartHosts;
  private final RecentLookups recent;
  private final Turns turns;

  /**
   * @param random shuffles hosts of equal preference
   */
  public Router(
      Supplier<RelayConfig> configs,
      Resolver dns,
      ConnectTo connectTo,
      OwnAddresses own,
      Random random,
      ElapsedTime clock) {
    this.configs = configs;
    this.dead = new DeadHosts(clock);
    this.loops = new Remarks(clock);
    this.refused = new Remarks(clock);
    HostLookup hosts = new HostLookup(dns, connectTo, own, loops, refused);
    this.mailExchangers = new MailExchangers(dns, hosts, random);
    this.smartHosts = new SmartHostLookup(hosts);
    this.recent = new RecentLookups(clock);
    this.turns = new Turns(random);
  }

  /** Where a recipient's mail goes together with others'. Looks nothing up. */
  public Destination destination(MailAddress recipient) {
    return configs.get().routes().mode() == RoutingMode.SMART_HOST
        ? new Destination.SmartHosts()
        : new Destination.Domain(recipient.domain());
  }

  /** The next hops of a destination; blocks for look-ups. */
  public Route route(Destination destination) {
    RelayConfig config = configs.get();
    return switch (recent.get(destination, config, () -> lookUp(destination, config))) {
      case LookedUp.Nowhere(Route route) -> route;
      case LookedUp.Found(List<Candidate> candidates, Origin origin, boolean whole) -> {
        List<Candidate> live = dead.live(candidates);
        yield live.isEmpty()
            ? DeadHosts.none(candidates)
            : hops(live, origin, whole && live.size() == candidates.size());
      }
    };
  }

  private LookedUp lookUp(Destination destination, RelayConfig config) {
    return switch (destination) {
      case Destination.SmartHosts() when config.routes().mode() == RoutingMode.SMART_HOST ->
          smartHosts.find(config).lookedUp();
      case Destination.Domain(String name) when config.routes().mode() == RoutingMode.DNS ->
          mailExchangers.find(name, config).lookedUp();
      // The configuration changed between the question and the answer.
      default ->
          new LookedUp.Nowhere(
              new Route.Unresolved(
                  new Diagnostic(
                      Reason.LOCAL,
                      new EnhancedStatus(4, 4, 4),
                      "the routing mode has just changed",
                      null,
                      null)));
    };
  }

  /**
   * How a domain's mail would go, looked up anew; blocks for look-ups.
   *
   * @param domain A-labels in lower case, or an address literal with its brackets
   */
  public Survey survey(String domain) {
    RelayConfig config = configs.get();
    return switch (config.routes().mode()) {
      case SMART_HOST -> smartHosts.find(config).survey();
      case DNS -> mailExchangers.find(domain, config).survey();
    };
  }

  /** Smart hosts without an address that may be connected, a line each; blocks for look-ups. */
  List<String> unresolvedSmartHosts() {
    RelayConfig config = configs.get();
    return config.routes().mode() == RoutingMode.DNS
        ? List.of()
        : smartHosts.find(config).survey().hosts().stream()
            .filter(host -> host.usable().isEmpty())
            .map(host -> "smart host " + host.name() + ": " + String.join(", ", host.remarks()))
            .toList();
  }

  private static Route.Hops hops(List<Candidate> live, Origin origin, boolean whole) {
    int best = 1;
    while (best < live.size() && live.get(best).rank() == live.getFirst().rank()) {
      best++;
    }
    return new Route.Hops(live.stream().map(Candidate::hop).toList(), best, origin, whole);
  }

  /**
   * The same next hops in the order in which to ask them for a new connection: smart hosts by
   * turns, exchangers of equal preference by chance. Each call is a turn.
   */
  public List<NextHop> inTurn(Route.Hops route) {
    return turns.next(route, configs.get().routes());
  }

  /** A next hop did not answer: for a while it is not asked again. */
  public void died(NextHop hop) {
    dead.died(hop.address(), configs.get().retry().intervals().getFirst());
    recent.died(hop.address());
  }

  /** A next hop answered. */
  public void answered(NextHop hop) {
    dead.answered(hop.address());
  }

  /** Somebody wants mail to be tried now: each host is asked again. */
  public void forgetDeadHosts() {
    dead.forget();
  }

  /** Next hops that lately turned out to be this server, each as one line for the status. */
  public List<String> loops() {
    return loops.recent();
  }

  /** Addresses that were lately found for next hops and not connected, each as one line. */
  public List<String> refused() {
    return refused.recent();
  }
}
