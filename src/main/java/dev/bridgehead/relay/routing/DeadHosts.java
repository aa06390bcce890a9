package dev.bridgehead.relay.routing;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Addresses that lately did not answer, so that a dead host costs one time-out and not one per
 * message. Any thread may enter.
 */
final class DeadHosts {
  private static final Duration MEMORY = Duration.ofSeconds(60);
  private static final int MAX = 10_000;

  private final Map<InetSocketAddress, Instant> until = new ConcurrentHashMap<>();
  private final InstantSource clock;

  DeadHosts(InstantSource clock) {
    this.clock = clock;
  }

  void died(InetSocketAddress address) {
    if (until.size() >= MAX) {
      until.clear();
    }
    until.put(address, clock.instant().plus(MEMORY));
  }

  void answered(InetSocketAddress address) {
    until.remove(address);
  }

  /** Those that aren't known to be dead; all of them where all are. */
  List<NextHop> live(List<NextHop> hops) {
    Instant now = clock.instant();
    List<NextHop> live =
        hops.stream()
            .filter(hop -> !now.isBefore(until.getOrDefault(hop.address(), Instant.MIN)))
            .toList();
    return live.isEmpty() ? hops : live;
  }
}
