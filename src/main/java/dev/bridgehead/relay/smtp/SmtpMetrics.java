package dev.bridgehead.relay.smtp;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** What this room counts. */
final class SmtpMetrics {
  private final Counter received;
  private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);
  private final Map<Handshake, Counter> handshakes = new EnumMap<>(Handshake.class);

  /** What became of a TLS handshake: the values of the label {@code result}. */
  enum Handshake {
    DONE,
    FAILED,
    TIMEOUT
  }

  SmtpMetrics(
      MeterRegistry registry, Supplier<Number> sessions, Supplier<Number> certificateExpiry) {
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
    for (Handshake result : Handshake.values()) {
      handshakes.put(
          result,
          Counter.builder("bridgehead.smtp.tls.handshakes")
              .description("TLS handshakes with clients")
              .tag("result", result.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    Gauge.builder("bridgehead.smtp.tls.certificate.expiry", certificateExpiry)
        .description("When the certificate for clients expires, as Unix time; NaN without one")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("bridgehead.smtp.sessions", sessions)
        .description("Client sessions open")
        .register(registry);
  }

  void messageReceived() {
    received.increment();
  }

  void handshake(Handshake result) {
    Counter counter = handshakes.get(result);
    if (counter != null) {
      counter.increment();
    }
  }

  void refused(Refusal why) {
    Counter counter = refused.get(why);
    if (counter != null) {
      counter.increment();
    }
  }
}
