package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.auth.Mechanism;
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
  private final Map<Mechanism, Map<Login, Counter>> logins;

  /** What became of a TLS handshake: the values of the label {@code result}. */
  enum Handshake {
    DONE,
    FAILED,
    TIMEOUT
  }

  /** What became of an exchange of AUTH: the values of the label {@code result}. */
  enum Login {
    OK,
    FAILED,
    MALFORMED,
    NOT_NOW
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
    logins = logins(registry);
    Gauge.builder("bridgehead.smtp.sessions", sessions)
        .description("Client sessions open")
        .register(registry);
  }

  private static Map<Mechanism, Map<Login, Counter>> logins(MeterRegistry registry) {
    Map<Mechanism, Map<Login, Counter>> logins = new EnumMap<>(Mechanism.class);
    for (Mechanism mechanism : Mechanism.values()) {
      Map<Login, Counter> results = new EnumMap<>(Login.class);
      for (Login result : Login.values()) {
        results.put(
            result,
            Counter.builder("bridgehead.smtp.auth")
                .description("Clients that logged in, or tried to")
                .tag("mechanism", mechanism.toString().toLowerCase(Locale.ROOT))
                .tag("result", result.name().toLowerCase(Locale.ROOT))
                .register(registry));
      }
      logins.put(mechanism, results);
    }
    return logins;
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

  void auth(Mechanism mechanism, Login result) {
    Counter counter = logins.getOrDefault(mechanism, Map.of()).get(result);
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
