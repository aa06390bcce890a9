package dev.bridgehead.relay.spool;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long syncs take, and how many records share one. */
final class SpoolMetrics {
  private final Timer syncs;
  private final DistributionSummary batches;

  SpoolMetrics(MeterRegistry registry) {
    syncs =
        Timer.builder("bridgehead.spool.sync")
            .description("Time that a sync of the log took")
            .serviceLevelObjectives(
                Duration.ofNanos(250_000),
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(2))
            .register(registry);
    batches =
        DistributionSummary.builder("bridgehead.spool.batch.messages")
            .description("Records that shared one sync of the log")
            .serviceLevelObjectives(1, 2, 5, 10, 20, 50, 100, 200)
            .register(registry);
  }

  void synced(long nanos, int records) {
    syncs.record(nanos, TimeUnit.NANOSECONDS);
    batches.record(records);
  }
}
