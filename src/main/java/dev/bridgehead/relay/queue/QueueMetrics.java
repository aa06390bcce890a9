package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Counts outcomes: one per recipient and attempt. */
final class QueueMetrics {
  private final MeterRegistry registry;
  private final Counter delivered;

  QueueMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.delivered =
        Counter.builder("bridgehead.messages.delivered")
            .description("Deliveries that a next hop took, one per recipient")
            .register(registry);
  }

  void delivered() {
    delivered.increment();
  }

  void deferred(Reason reason) {
    count("bridgehead.messages.deferred", "Attempts put off, one per recipient", reason);
  }

  void failed(Reason reason) {
    count("bridgehead.messages.failed", "Recipients given up", reason);
  }

  private void count(String name, String description, Reason reason) {
    Counter.builder(name)
        .description(description)
        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment();
  }
}
