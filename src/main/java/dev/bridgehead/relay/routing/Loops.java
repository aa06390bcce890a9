package dev.bridgehead.relay.routing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Next hops that turned out to be this very server, for the status. Any thread may enter. */
final class Loops {
  private static final Duration MEMORY = Duration.ofMinutes(15);
  private static final int MAX = 64;

  private final Map<String, Instant> until = new ConcurrentHashMap<>();
  private final ElapsedTime clock;

  Loops(ElapsedTime clock) {
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
