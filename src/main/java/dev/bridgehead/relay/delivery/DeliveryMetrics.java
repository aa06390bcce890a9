package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Outcome.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;

/** Counts sessions with next hops; no label names a host, so that their number is bounded. */
final class DeliveryMetrics {
  private final MeterRegistry registry;
  private final Counter fallbacks;
  private final Timer attempts;

  DeliveryMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.fallbacks =
        Counter.builder("bridgehead.delivery.plaintext.fallbacks")
            .description("Sessions that went on without TLS after a failed handshake")
            .register(registry);
    this.attempts =
        Timer.builder("bridgehead.delivery.attempt")
            .description("Time from the first look-up to the last reply of an attempt")
            .register(registry);
  }

  void opened() {
    count("opened");
  }

  void notOpened(Reason reason) {
    count(reason.name().toLowerCase(Locale.ROOT));
  }

  void fellBack() {
    fallbacks.increment();
  }

  Timer attempts() {
    return attempts;
  }

  private void count(String result) {
    Counter.builder("bridgehead.delivery.connections")
        .description("Sessions with next hops: opened, or why not")
        .tag("result", result)
        .register(registry)
        .increment();
  }
}
