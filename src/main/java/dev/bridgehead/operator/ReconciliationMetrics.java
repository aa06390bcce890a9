package dev.bridgehead.operator;

import dev.bridgehead.operator.kube.Failures;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often and how long controllers reconcile, and how often they fail. Tagged by controller only:
 * a tag for each resource would grow without bound. The log says which one failed and why, in one
 * line where it is the API server that failed; JOSDK's own words are turned off.
 */
final class ReconciliationMetrics implements Metrics {
  private static final Logger LOG = LoggerFactory.getLogger(ReconciliationMetrics.class);

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
    String name = resource.getMetadata().getNamespace() + "/" + resource.getMetadata().getName();
    if (isExpected(failure)) {
      LOG.warn(
          "{} {} is tried again later: {}", resource.getKind(), name, Failures.reason(failure));
    } else {
      LOG.error("{} {} is tried again later", resource.getKind(), name, failure);
    }
  }

  /** What the API server or the way to it did, not a fault of ours that needs a stack trace. */
  private static boolean isExpected(Throwable failure) {
    return failure instanceof KubernetesClientException
        || (failure.getCause() != null && isExpected(failure.getCause()));
  }

  @Override
  public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
    long start = System.nanoTime();
    try {
      return execution.execute();
    } catch (Error e) {
      // JOSDK takes exceptions only for a failure: after an Error it would take the object for one
      // that is being reconciled, and not touch it again.
      throw new IllegalStateException(e);
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
