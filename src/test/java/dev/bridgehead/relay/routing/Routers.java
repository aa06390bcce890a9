package dev.bridgehead.relay.routing;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.Selection;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfig.SmartHostTarget;
import dev.bridgehead.validation.AddressLiteral;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A router of the server {@code relay.example.test}, whose interfaces have 192.0.2.99 and ::1 if
 * nothing else is said.
 */
final class Routers {
  private RoutingMode mode = RoutingMode.DNS;
  private Selection selection = Selection.ROUND_ROBIN;
  private AddressFamily family = AddressFamily.ANY;
  private List<SmartHostTarget> smartHosts = List.of();
  private ConnectTo connectTo = ConnectTo.NONE;
  private boolean privateAddresses;
  private Duration firstRetry = Duration.ofMinutes(1);
  private @Nullable RelayConfig config;
  private long nanos = Long.MAX_VALUE; // overflows soon, as System.nanoTime() may
  private Set<InetAddress> interfaces =
      Set.of(InetAddress.ofLiteral("192.0.2.99"), InetAddress.ofLiteral("::1"));

  /** DNS mode. */
  static Routers byDns() {
    return new Routers();
  }

  /** Smart hosts at port 25. */
  static Routers bySmartHosts(Selection selection, String... names) {
    Routers routers = new Routers();
    routers.mode = RoutingMode.SMART_HOST;
    routers.selection = selection;
    routers.privateAddresses = true;
    routers.smartHosts =
        Arrays.stream(names)
            .map(
                name ->
                    new SmartHostTarget(
                        name,
                        AddressLiteral.isMeant(name) ? AddressLiteral.parse(name) : null,
                        25,
                        false,
                        null))
            .toList();
    return routers;
  }

  Routers family(AddressFamily wanted) {
    family = wanted;
    return this;
  }

  Routers allowPrivateAddresses() {
    privateAddresses = true;
    return this;
  }

  Routers interfaces(String... addresses) {
    interfaces =
        Arrays.stream(addresses)
            .map(InetAddress::ofLiteral)
            .collect(Collectors.toUnmodifiableSet());
    return this;
  }

  Routers connectTo(String... options) {
    connectTo = ConnectTo.parse(List.of(options));
    return this;
  }

  Routers firstRetry(Duration interval) {
    firstRetry = interval;
    return this;
  }

  void pass(Duration time) {
    nanos += time.toNanos();
  }

  /** The configuration of each router of these. */
  Supplier<RelayConfig> configs() {
    RelayConfig same = config == null ? config() : config;
    config = same;
    return () -> same;
  }

  Router with(Zone zone) {
    Supplier<RelayConfig> configs = configs();
    ElapsedTime clock = new ElapsedTime(() -> nanos);
    OwnAddresses own = new OwnAddresses(() -> interfaces, clock);
    return new Router(configs, zone, connectTo, own, new Random(1), clock);
  }

  private RelayConfig config() {
    return new RelayConfig(
        new RelayConfig.Identity(
            "test",
            "default",
            "edge",
            1,
            "",
            "relay.example.test",
            "cluster.test",
            Set.of(InetAddress.ofLiteral("10.96.0.7"))),
        new RelayConfig.Listening(25, true, 1 << 20, true),
        new RelayConfig.Access(List.of(), true, null),
        new RelayConfig.Routes(mode, smartHosts, selection, 25, List.of(), privateAddresses),
        new RelayConfig.Outgoing(TlsMode.OPPORTUNISTIC, List.of(), family),
        new RelayConfig.Retry(List.of(firstRetry), Duration.ofDays(5)));
  }

  /** {@code host=address:port} of each next hop, or the refusal's status. */
  static List<String> hops(Router router, String domain) {
    return shown(router, router.route(new Destination.Domain(domain)));
  }

  static List<String> hops(Router router) {
    return shown(router, router.route(new Destination.SmartHosts()));
  }

  private static List<String> shown(Router router, Route route) {
    return switch (route) {
      case Route.Hops hops ->
          router.inTurn(hops).stream()
              .map(
                  hop ->
                      hop.host()
                          + "="
                          + hop.address().getAddress().getHostAddress()
                          + ":"
                          + hop.address().getPort())
              .toList();
      case Route.Refused(var why) -> List.of(why.status().toString());
      case Route.Unresolved(var why) -> List.of(why.status().toString());
    };
  }
}
