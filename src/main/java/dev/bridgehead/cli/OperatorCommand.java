package dev.bridgehead.cli;

import dev.bridgehead.operator.BridgeheadOperator;
import dev.bridgehead.operator.ManagementEndpoint;
import dev.bridgehead.operator.OperatorSettings;
import dev.bridgehead.operator.bridgehead.HttpRelayApi;
import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.operator.model.RelayStatefulSet;
import dev.bridgehead.webhook.WebhookServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bridgehead operator}: runs until it is told to stop. */
@Command(
    name = "operator",
    description =
        "Runs the operator: turns a cluster's SmtpConnectors into relay pods. Outside of a pod it"
            + " reads KUBECONFIG, and admission is not judged.",
    mixinStandardHelpOptions = true)
final class OperatorCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorCommand.class);
  private static final String WEBHOOK_SERVICE = "bridgehead-webhook";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--management-port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Port of /livez, /readyz and /metrics. Default: ${DEFAULT-VALUE}.")
  private int managementPort;

  /** What was started, the last first: the order in which it is closed. */
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  private final AtomicReference<@Nullable BridgeheadOperator> operator = new AtomicReference<>();

  @Override
  public Integer call() throws Exception {
    Options.checkPort(spec, "--management-port", managementPort);
    try {
      start(System.getenv());
    } catch (RuntimeException | IOException e) {
      stop();
      throw e;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
    new CountDownLatch(1).await(); // the shutdown hook is the only way out
    return 0;
  }

  private void start(Map<String, String> environment) throws IOException {
    OperatorSettings settings = OperatorSettings.from(environment);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(metrics);
    started.push(ManagementEndpoint.start(managementPort, this::live, this::ready, metrics));
    KubernetesClient client = ApiServerClient.create(Config.autoConfigure(null));
    started.push(client);
    ApiServerClient.check(client, settings.namespaces());
    // The webhook first: connectors should be judged before anybody acts on them.
    startWebhook(environment, settings, client);
    BridgeheadOperator running =
        BridgeheadOperator.start(
            client,
            settings,
            new HttpRelayApi(RelayStatefulSet.MANAGEMENT_PORT),
            metrics,
            Clock.systemUTC());
    started.push(running);
    operator.set(running);
    LOG.info("The operator runs; relay pods will be of image {}", settings.relays().image());
  }

  /** In a pod only: the API server has no way to a process elsewhere. */
  private void startWebhook(
      Map<String, String> environment, OperatorSettings settings, KubernetesClient client) {
    String namespace = environment.getOrDefault("POD_NAMESPACE", "");
    String configuration =
        environment.getOrDefault("BRIDGEHEAD_WEBHOOK_CONFIGURATION", "bridgehead");
    if (!namespace.isBlank()) {
      started.push(
          WebhookServer.start(
              WebhookServer.Settings.behind(
                  WEBHOOK_SERVICE, namespace, configuration, settings.clusterDomain()),
              client,
              Clock.systemUTC()));
    }
  }

  private boolean live() {
    BridgeheadOperator running = operator.get();
    return running == null || running.live();
  }

  private boolean ready() {
    BridgeheadOperator running = operator.get();
    return running != null && running.ready();
  }

  private void stop() {
    for (AutoCloseable part : started) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not stop cleanly", part.getClass().getSimpleName(), e);
      }
    }
  }
}
