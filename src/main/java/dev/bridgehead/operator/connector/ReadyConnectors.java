package dev.bridgehead.operator.connector;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many connectors are Ready and how many are not, for an alert: which ones they are, {@code
 * kubectl} says. A label for each would grow without bound. Any thread.
 */
final class ReadyConnectors {
  private static final String NAME = "bridgehead.operator.connectors";

  private final Map<String, Boolean> seen = new ConcurrentHashMap<>();

  ReadyConnectors(MeterRegistry metrics) {
    register(metrics, true);
    register(metrics, false);
  }

  private void register(MeterRegistry metrics, boolean ready) {
    // A start that failed and is tried again leaves its gauge; the registry would keep that one.
    Gauge before = metrics.find(NAME).tag("ready", String.valueOf(ready)).gauge();
    if (before != null) {
      metrics.remove(before);
    }
    Gauge.builder(NAME, () -> count(ready))
        .description("Connectors that are Ready, and that are not; without those being deleted")
        .tag("ready", String.valueOf(ready))
        .register(metrics);
  }

  private long count(boolean ready) {
    return seen.values().stream().filter(value -> value == ready).count();
  }

  /**
   * @param uid of a connector
   */
  void saw(String uid, boolean ready) {
    seen.put(uid, ready);
  }

  /** It is being deleted. */
  void forget(String uid) {
    seen.remove(uid);
  }
}
