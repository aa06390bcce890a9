package dev.bridgehead.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How often and how long controllers reconcile, and how often they fail. Tagged by controller only:
 * a tag for each resource would grow without bound.
 */
final class ReconciliationMetrics implements Metrics {
  private final MeterRegistry registry;

  ReconciliationMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void failedReconciliation(
      HasMetadata resource, Exception failure, Map<String, Object> metadata) {
    Counter.builder("bridgehead.operator.reconciliation.failures")
        .description("Reconciliations that ended in an error and are tried again")
        .tag("kind", resource.getKind())
        .register(registry)
        .increment();
  }

  @Override
  public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
    long start = System.nanoTime();
    try {
      return execution.execute();
    } finally {
      Timer.builder("bridgehead.operator.reconciliation")
          .description("Duration of reconciliations")
          .tag("controller", execution.controllerName())
          .tag("operation", execution.name())
          .register(registry)
          .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }
}
