package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.api.Condition;
import dev.bridgehead.operator.model.Conditions;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * For how long the longest drain that is under way has lasted, for an alert: which one it is,
 * {@code kubectl} says. A label for each would grow without bound. Any thread.
 */
final class LongestDrain {
  private final Map<String, Instant> since = new ConcurrentHashMap<>();
  private final Clock clock;

  LongestDrain(MeterRegistry metrics, Clock clock) {
    this.clock = clock;
    Gauge.builder("bridgehead.operator.drain.oldest.seconds", this::seconds)
        .description("For how long the longest scale-down or deletion has drained; 0 without any")
        .register(metrics);
  }

  private double seconds() {
    return since.values().stream()
        .min(Instant::compareTo)
        .map(begin -> Math.max(0, Duration.between(begin, clock.instant()).toSeconds()))
        .orElse(0L);
  }

  /** What a bridgehead's status says; its time outlives the operator. */
  void saw(String uid, BridgeheadStatus status) {
    Optional<String> begin =
        Conditions.find(status.conditions(), Conditions.DRAINING)
            .filter(condition -> condition.status().equals("True"))
            .map(Condition::lastTransitionTime);
    if (begin.isPresent()) {
      drains(uid, begin.get());
    } else {
      forget(uid);
    }
  }

  /**
   * @param begin RFC 3339
   */
  void drains(String uid, String begin) {
    since.put(uid, Instant.parse(begin));
  }

  /** It is gone. */
  void forget(String uid) {
    since.remove(uid);
  }
}
