package dev.bridgehead.relay.routing;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Addresses that lately did not answer, so that a dead host costs one time-out and not one per
 * message. Any thread may enter.
 */
final class DeadHosts {
  private static final Duration LONGEST_MEMORY = Duration.ofSeconds(60);
  private static final int MAX = 10_000;

  private final Map<InetSocketAddress, Instant> until = new ConcurrentHashMap<>();
  private final ElapsedTime clock;

  DeadHosts(ElapsedTime clock) {
    this.clock = clock;
  }

  /**
   * @param firstRetry when the message that met the dead host is tried again: by then the host is
   *     asked again too
   */
  void died(InetSocketAddress address, Duration firstRetry) {
    if (until.size() >= MAX) {
      until.clear();
    }
    Duration memory = firstRetry.compareTo(LONGEST_MEMORY) < 0 ? firstRetry : LONGEST_MEMORY;
    until.put(address, clock.now().plus(memory));
  }

  void answered(InetSocketAddress address) {
    until.remove(address);
  }

  void forget() {
    until.clear();
  }

  /** Those that aren't known to be dead; may be empty. */
  List<Candidate> live(List<Candidate> candidates) {
    if (until.isEmpty()) {
      return candidates;
    }
    Instant now = clock.now();
    return candidates.stream()
        .filter(it -> !now.isBefore(until.getOrDefault(it.hop().address(), Instant.MIN)))
        .toList();
  }

  /** Where all of them are dead: the mail waits without asking them once more. */
  static Route.Unresolved none(List<Candidate> candidates) {
    String names =
        candidates.stream()
            .map(it -> it.hop().toString())
            .distinct()
            .collect(Collectors.joining(", "));
    return new Route.Unresolved(
        new Diagnostic(
            Reason.DEAD_HOST,
            new EnhancedStatus(4, 4, 1),
            "did not answer lately: " + names,
            null,
            null));
  }
}
