package dev.bridgehead.relay.routing;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.LookedUp.Found;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What was looked up a moment ago, so that a burst of mail for one destination asks once. Failures
 * are not kept: the queue backs off from them. Any thread may enter.
 */
final class RecentLookups {
  /** Far below any time to live in use: a change in the DNS is late by no more than this. */
  private static final Duration LIFETIME = Duration.ofSeconds(5);

  private static final int MAX = 10_000;

  private final Map<Destination, Known> known = new ConcurrentHashMap<>();
  private final ElapsedTime clock;

  private record Known(RelayConfig config, Found found, Instant until) {}

  RecentLookups(ElapsedTime clock) {
    this.clock = clock;
  }

  /** What is known by the same configuration, else what the look-up finds. */
  LookedUp get(Destination destination, RelayConfig config, Supplier<LookedUp> lookup) {
    Known recent = known.get(destination);
    if (recent != null && recent.config() == config && clock.now().isBefore(recent.until())) {
      return recent.found();
    }
    LookedUp fresh = lookup.get();
    if (fresh instanceof Found found) {
      if (known.size() >= MAX) {
        known.clear();
      }
      known.put(destination, new Known(config, found, clock.now().plus(LIFETIME)));
    } else {
      known.remove(destination);
    }
    return fresh;
  }

  /** The next message asks anew for what led to an address that does not answer. */
  void died(InetSocketAddress address) {
    known
        .values()
        .removeIf(
            it ->
                it.found().candidates().stream()
                    .anyMatch(candidate -> candidate.hop().address().equals(address)));
  }
}
