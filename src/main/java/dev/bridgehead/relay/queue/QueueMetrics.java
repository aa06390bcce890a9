package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts outcomes: one per recipient and attempt. Labels are of closed sets. */
final class QueueMetrics {
  /** From a delivery on the spot to one on the last day. */
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(15),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5),
    Duration.ofMinutes(15),
    Duration.ofHours(1),
    Duration.ofHours(4),
    Duration.ofDays(1),
    Duration.ofDays(5)
  };

  private final MeterRegistry registry;
  private final Counter delivered;
  private final Timer latency;
  private final Map<Reason, Counter> deferred = new ConcurrentHashMap<>();
  private final Map<Reason, Counter> failed = new ConcurrentHashMap<>();

  QueueMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.delivered =
        Counter.builder("bridgehead.messages.delivered")
            .description("Deliveries that a next hop took, one per recipient")
            .register(registry);
    this.latency =
        Timer.builder("bridgehead.delivery.latency")
            .description("From acceptance to the next hop's 250, one per recipient")
            .serviceLevelObjectives(LATENCIES)
            .register(registry);
  }

  /**
   * @param age of the message
   */
  void count(Outcome outcome, Duration age) {
    switch (outcome) {
      case Outcome.Delivered _ -> {
        delivered.increment();
        latency.record(age.isNegative() ? Duration.ZERO : age);
      }
      case Outcome.Deferred(Diagnostic why) ->
          deferred
              .computeIfAbsent(
                  why.reason(),
                  reason ->
                      counter(
                          "bridgehead.messages.deferred",
                          "Attempts put off, one per recipient",
                          reason))
              .increment();
      case Outcome.Failed(Diagnostic why) ->
          failed
              .computeIfAbsent(
                  why.reason(),
                  reason -> counter("bridgehead.messages.failed", "Recipients given up", reason))
              .increment();
    }
  }

  private Counter counter(String name, String description, Reason reason) {
    return Counter.builder(name)
        .description(description)
        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }
}
