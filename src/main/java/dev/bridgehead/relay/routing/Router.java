package dev.bridgehead.relay.routing;

import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Says where mail goes, by the configuration of the moment. Any thread may ask. */
public final class Router {
  private final Supplier<RelayConfig> configs;
  private final DeadHosts dead;
  private final Loops loops;
  private final MailExchangers mailExchangers;
  private final SmartHostTurns smartHosts;

  /**
   * @param random shuffles hosts of equal preference
   */
  public Router(
      Supplier<RelayConfig> configs,
      Resolver dns,
      ConnectTo connectTo,
      OwnAddresses own,
      Random random,
      InstantSource clock) {
    this.configs = configs;
    this.dead = new DeadHosts(clock);
    this.loops = new Loops(clock);
    HostLookup hosts = new HostLookup(dns, connectTo, own, loops);
    this.mailExchangers = new MailExchangers(dns, hosts, random);
    this.smartHosts = new SmartHostTurns(hosts, dead);
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
    return switch (destination) {
      case Destination.SmartHosts() when config.routes().mode() == RoutingMode.SMART_HOST ->
          smartHosts.route(config);
      case Destination.Domain(String name) when config.routes().mode() == RoutingMode.DNS ->
          live(mailExchangers.route(name, config));
      // The configuration changed between the question and the answer.
      default ->
          new Route.Unresolved(
              new Diagnostic(
                  Reason.LOCAL,
                  new EnhancedStatus(4, 4, 4),
                  "the routing mode has just changed",
                  null,
                  null));
    };
  }

  private Route live(Route route) {
    if (!(route instanceof Route.Hops(List<NextHop> hops))) {
      return route;
    }
    List<NextHop> live = dead.live(hops);
    return live.isEmpty() ? DeadHosts.none(hops) : new Route.Hops(live);
  }

  /** A next hop did not answer: for a while it is not asked again. */
  public void died(NextHop hop) {
    dead.died(hop.address(), configs.get().retry().intervals().getFirst());
  }

  /** A next hop answered. */
  public void answered(NextHop hop) {
    dead.answered(hop.address());
  }

  /** Next hops that lately turned out to be this server, each as one line for the status. */
  public List<String> loops() {
    return loops.recent();
  }
}
