package dev.bridgehead.relay.sts;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/** Counts fetches; no label names a domain, so that their number is bounded. */
final class StsMetrics {
  private final Function<String, Counter> fetches;
  private final Counter unannounced;

  StsMetrics(MeterRegistry registry, Supplier<Number> kept) {
    this.fetches =
        result ->
            Counter.builder("bridgehead.sts.fetches")
                .description("Fetches of MTA-STS policies: fetched, or why not")
                .tag("result", result)
                .register(registry);
    this.unannounced =
        Counter.builder("bridgehead.sts.unannounced")
            .description("Answers by a kept MTA-STS policy that the DNS does not announce any more")
            .register(registry);
    Gauge.builder("bridgehead.sts.policies", kept)
        .description("MTA-STS policies in memory and on disk")
        .register(registry);
  }

  void fetched() {
    fetches.apply("fetched").increment();
  }

  void failed(PolicyFailure.Reason reason) {
    fetches.apply(reason.name().toLowerCase(Locale.ROOT)).increment();
  }

  void unannounced() {
    unannounced.increment();
  }
}
