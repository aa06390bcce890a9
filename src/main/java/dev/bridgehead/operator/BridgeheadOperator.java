package dev.bridgehead.operator;

import dev.bridgehead.operator.bridgehead.BridgeheadReconciler;
import dev.bridgehead.operator.bridgehead.RelayApi;
import dev.bridgehead.operator.connector.ConnectorReconciler;
import dev.bridgehead.operator.kube.Events;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both controllers, from start to stop; only the leader runs them. */
public final class BridgeheadOperator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeheadOperator.class);

  /** A reconciliation that asks a silent relay needs two seconds. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(4);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

  /**
   * Reconciliations at the same time. Each waits for an API server or a relay most of its time;
   * more of them would only be refused: the API server lets some hundred requests of one user wait.
   */
  private static final int PARALLEL = 64;

  private final Operator operator;
  private final ThreadPoolExecutor threads = threads();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile boolean watching = true; // cleared by an informer's thread

  private BridgeheadOperator(
      KubernetesClient client,
      OperatorSettings settings,
      RelayApi relays,
      MeterRegistry metrics,
      Clock clock) {
    operator =
        new Operator(
            overrider ->
                overrider
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .withExecutorService(threads)
                    .withReconciliationTerminationTimeout(STOP_PATIENCE)
                    .withMetrics(new ReconciliationMetrics(metrics))
                    .withInformerStoppedHandler((informer, failure) -> informerEnded(failure)));
    Events events = new Events(client, clock, settings.instance());
    register(
        new ConnectorReconciler(client, settings.clusterDomain(), events, metrics, clock),
        settings);
    register(
        new BridgeheadReconciler(
            client, settings.relays(), settings.clusterDomain(), relays, events, metrics, clock),
        settings);
  }

  /**
   * Starts both controllers and returns when their caches are filled.
   *
   * @param client closed by the caller, after the operator
   */
  public static BridgeheadOperator start(
      KubernetesClient client,
      OperatorSettings settings,
      RelayApi relays,
      MeterRegistry metrics,
      Clock clock) {
    BridgeheadOperator operator = new BridgeheadOperator(client, settings, relays, metrics, clock);
    operator.operator.start();
    return operator;
  }

  private <P extends HasMetadata> void register(
      Reconciler<P> reconciler, OperatorSettings settings) {
    operator.register(
        reconciler,
        (ControllerConfigurationOverrider<P> overrider) -> {
          // Whatever failed is tried again, ever after: the default gives up after five attempts.
          overrider.withRetry(
              new GenericRetry()
                  .setInitialInterval(FIRST_RETRY)
                  .setIntervalMultiplier(2)
                  .setMaxInterval(LONGEST_RETRY.toMillis())
                  .withoutMaxAttempts());
          if (!settings.namespaces().isEmpty()) {
            overrider.settingNamespaces(settings.namespaces());
          }
        });
  }

  /**
   * Whether it has started. Not whether every watch is connected at this moment: they reconnect
   * every few minutes, and the webhook in the same process must not lose its endpoint each time.
   */
  public boolean ready() {
    return operator.getRuntimeInfo().isStarted();
  }

  /** Whether a restart would help: an informer has ended for good. */
  public boolean live() {
    return watching;
  }

  private void informerEnded(@Nullable Throwable failure) {
    if (!stopping.get() && failure != null) {
      LOG.error("a watch ended for good; the liveness probe fails from now on", failure);
      watching = false;
    }
  }

  /**
   * Stops both controllers; reconciliations under way are waited for a while, then interrupted.
   *
   * @return whether every one of them has ended by itself
   */
  public boolean stop() {
    if (stopping.compareAndSet(false, true)) {
      operator.stop();
    }
    return threads.isTerminated();
  }

  @Override
  public void close() {
    stop();
  }

  private static ThreadPoolExecutor threads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            PARALLEL,
            PARALLEL,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            Thread.ofVirtual().name("reconcile-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }
}
