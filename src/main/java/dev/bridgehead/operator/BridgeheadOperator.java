package dev.bridgehead.operator;

import dev.bridgehead.operator.bridgehead.BridgeheadReconciler;
import dev.bridgehead.operator.bridgehead.RelayApi;
import dev.bridgehead.operator.connector.ConnectorReconciler;
import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.operator.kube.Events;
import dev.bridgehead.operator.kube.Failures;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both controllers, from start to stop; only the leader runs them. */
public final class BridgeheadOperator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeheadOperator.class);

  /** A reconciliation that asks a silent relay needs two seconds. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(4);

  private static final Duration WITHOUT_END = Duration.ofDays(365);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

  /**
   * Reconciliations at the same time. Each waits for an API server or a relay most of its time;
   * more of them would only be refused: the API server lets some hundred requests of one user wait.
   */
  private static final int PARALLEL = 64;

  private final KubernetesClient client;
  private final Set<String> leftOut;
  private final Operator operator;
  private final ReconcilerThreads threads = new ReconcilerThreads(PARALLEL);
  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile boolean watching = true; // cleared by an informer's thread
  private volatile boolean started; // set by the thread that starts

  private BridgeheadOperator(
      KubernetesClient client,
      OperatorSettings settings,
      RelayApi relays,
      MeterRegistry metrics,
      Clock clock) {
    this.client = client;
    this.leftOut = unseen(client, settings.namespaces());
    Set<String> served = new HashSet<>(settings.namespaces());
    served.removeAll(leftOut);
    operator =
        new Operator(
            overrider ->
                overrider
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .withExecutorService(threads)
                    .withReconciliationTerminationTimeout(STOP_PATIENCE)
                    // A list that fails is asked for again; to end the start, and begin another,
                    // would leave watches behind. Nothing begins before all caches are filled.
                    .withStopOnInformerErrorDuringStartup(false)
                    .withCacheSyncTimeout(WITHOUT_END)
                    .withMetrics(new ReconciliationMetrics(metrics))
                    .withInformerStoppedHandler((informer, failure) -> informerEnded(failure)));
    Events events = new Events(client, clock, settings.instance());
    register(
        new ConnectorReconciler(client, settings.clusterDomain(), events, metrics, clock), served);
    register(
        new BridgeheadReconciler(
            client, settings.relays(), settings.clusterDomain(), relays, events, metrics, clock),
        served);
  }

  /**
   * Starts both controllers and returns when their caches are filled, however long the API server
   * lets it wait.
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
    if (!operator.watching) {
      operator.close(); // it would take what it can't see for gone
      throw new OperatorException("a watch ended while the controllers started");
    }
    operator.started = true;
    return operator;
  }

  /**
   * Those that somebody deleted, with the operator's role in them: no reason not to serve the
   * others. All of them is another matter, which the start complains of.
   */
  private static Set<String> unseen(KubernetesClient client, Set<String> namespaces) {
    Set<String> unseen = new TreeSet<>(namespaces);
    unseen.removeIf(namespace -> ApiServerClient.maySee(client, namespace));
    if (unseen.size() == namespaces.size()) {
      return Set.of();
    }
    if (!unseen.isEmpty()) {
      LOG.warn("Not served, until this operator may look after them: namespaces {}", unseen);
    }
    return Set.copyOf(unseen);
  }

  /** Whether a namespace was left out at the start; a new start may find it. */
  public boolean leavesOut() {
    return !leftOut.isEmpty();
  }

  /** Whether a start would serve more namespaces. */
  public boolean couldServeMore() {
    return leftOut.stream().anyMatch(namespace -> ApiServerClient.maySee(client, namespace));
  }

  private <P extends HasMetadata> void register(Reconciler<P> reconciler, Set<String> namespaces) {
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
          if (!namespaces.isEmpty()) {
            overrider.settingNamespaces(namespaces);
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
    if (stopping.get() || failure == null) {
      return;
    }
    watching = false;
    if (started) { // else it is the start that fails, and says so
      LOG.error(
          "A watch ended for good, and the liveness probe fails from now on: {}",
          Failures.reason(failure));
    }
  }

  /**
   * Stops both controllers; reconciliations under way are waited for a while, then interrupted.
   *
   * @return whether every one of them has ended by itself: one that was interrupted may have a
   *     request under way
   */
  public boolean stop() {
    if (stopping.compareAndSet(false, true)) {
      operator.stop();
    }
    return threads.endedInPeace();
  }

  @Override
  public void close() {
    stop();
  }
}
