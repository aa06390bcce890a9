package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.policy.Ground;
import dev.bridgehead.relay.policy.TlsFault;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** Counts sessions with next hops; no label names a host, so that their number is bounded. */
final class DeliveryMetrics {
  private final Function<String, Counter> connections;
  private final BiFunction<Ground, String, Counter> tls;
  private final Counter opened;
  private final Counter reused;
  private final Counter fallbacks;
  private final Timer attempts;

  DeliveryMetrics(MeterRegistry registry, Supplier<Number> kept) {
    this.connections =
        result ->
            Counter.builder("bridgehead.delivery.connections")
                .description("Sessions with next hops: opened, taken up again, or why not opened")
                .tag("result", result)
                .register(registry);
    this.tls =
        (ground, result) ->
            Counter.builder("bridgehead.delivery.tls.sessions")
                .description(
                    "New sessions by what decides on their TLS, and what came of it: how far they"
                        + " are protected, or why there was none")
                .tag("policy", ground.label())
                .tag("result", result)
                .register(registry);
    this.opened = connections.apply("opened");
    this.reused = connections.apply("reused");
    Gauge.builder("bridgehead.delivery.connections.kept", kept)
        .description("Idle sessions with next hops, kept for the next message")
        .register(registry);
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
    opened.increment();
  }

  void reused() {
    reused.increment();
  }

  void notOpened(Reason reason) {
    connections.apply(reason.name().toLowerCase(Locale.ROOT)).increment();
  }

  void fellBack() {
    fallbacks.increment();
  }

  void secured(Ground ground, SmtpConnection connection) {
    String result =
        !connection.encrypted()
            ? "plaintext"
            : connection.peer().tls().proves() ? "proven" : "encrypted";
    tls.apply(ground, result).increment();
  }

  void notSecured(Ground ground, TlsFault fault) {
    tls.apply(ground, fault.label()).increment();
  }

  Timer attempts() {
    return attempts;
  }
}
