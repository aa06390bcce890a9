package dev.bridgehead.relay.smtp;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** What this room counts. */
final class SmtpMetrics {
  private final Counter received;
  private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);

  SmtpMetrics(MeterRegistry registry, Supplier<Number> sessions) {
    received =
        Counter.builder("bridgehead.messages.received")
            .description("Messages accepted from clients")
            .register(registry);
    for (Refusal why : Refusal.values()) {
      refused.put(
          why,
          Counter.builder("bridgehead.smtp.rejected")
              .description("Commands, messages and sessions refused")
              .tag("reason", why.label())
              .register(registry));
    }
    Gauge.builder("bridgehead.smtp.sessions", sessions)
        .description("Client sessions open")
        .register(registry);
  }

  void messageReceived() {
    received.increment();
  }

  void refused(Refusal why) {
    Counter counter = refused.get(why);
    if (counter != null) {
      counter.increment();
    }
  }
}
