package dev.bridgehead.relay.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What was lately met on the way to next hops, for the status. Any thread may enter. */
final class Remarks {
  private static final Duration MEMORY = Duration.ofMinutes(15);
  private static final int MAX = 64;

  private final Map<String, Instant> until = new ConcurrentHashMap<>();
  private final ElapsedTime clock;

  Remarks(ElapsedTime clock) {
    this.clock = clock;
  }

  void met(String text) {
    if (until.size() < MAX || until.containsKey(text)) {
      until.put(text, clock.now().plus(MEMORY));
    }
  }

  List<String> recent() {
    Instant now = clock.now();
    until.values().removeIf(end -> !now.isBefore(end));
    return until.keySet().stream().sorted().toList();
  }
}
