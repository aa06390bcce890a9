package dev.bridgehead.cli;

import dev.bridgehead.operator.BridgeheadOperator;
import dev.bridgehead.operator.Closing;
import dev.bridgehead.operator.ManagementEndpoint;
import dev.bridgehead.operator.OperatorSettings;
import dev.bridgehead.operator.Replica;
import dev.bridgehead.operator.bridgehead.HttpRelayApi;
import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.operator.kube.Failures;
import dev.bridgehead.operator.model.RelayStatefulSet;
import dev.bridgehead.webhook.WebhookServer;
import dev.bridgehead.webhook.WebhookServer.CertificateSource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that one operator process runs: management, webhook, and what the election decides. In a pod
 * it stands for election and judges admission; elsewhere it runs the controllers at once.
 */
final class OperatorProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorProcess.class);
  private static final String WEBHOOK_SERVICE = "bridgehead-webhook";
  private static final String WEBHOOK_SECRET = "bridgehead-webhook-ca";

  /** So that two attempts fit into the time that a leader may write after a renewal. */
  private static final Duration LEASE_PATIENCE = Duration.ofSeconds(4);

  private static final Duration NEXT_ATTEMPT = Duration.ofSeconds(2);

  /** Until every node knows that this pod takes no more requests. */
  private static final Duration TURN_AWAY = Duration.ofSeconds(5);

  private final Map<String, String> environment;
  private final int managementPort;
  private final int webhookPort;
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Closing closing = new Closing();

  // Each set once by the thread that starts, read by probes and by the shutdown hook.
  private volatile @Nullable ManagementEndpoint management;
  private volatile @Nullable KubernetesClient open;
  private volatile @Nullable KubernetesClient leases;
  private volatile @Nullable WebhookServer webhook;
  private volatile @Nullable Replica replica;

  OperatorProcess(Map<String, String> environment, int managementPort, int webhookPort) {
    this.environment = Map.copyOf(environment);
    this.managementPort = managementPort;
    this.webhookPort = webhookPort;
  }

  /**
   * Returns when it serves, or the process is to end.
   *
   * @throws IOException where a port is taken
   * @throws RuntimeException in one line, where it can't work like this
   */
  void start() throws IOException {
    OperatorSettings settings = OperatorSettings.from(environment);
    new JvmMemoryMetrics().bindTo(metrics);
    management = ManagementEndpoint.start(managementPort, this::live, this::ready, metrics);
    Config config = Config.autoConfigure(null);
    KubernetesClient client = ApiServerClient.create(config);
    open = client;
    Replica.Start controllers =
        fenced ->
            BridgeheadOperator.start(
                fenced,
                settings,
                new HttpRelayApi(RelayStatefulSet.MANAGEMENT_PORT),
                metrics,
                Clock.systemUTC());
    String namespace = environment.getOrDefault("POD_NAMESPACE", "");
    if (namespace.isBlank()) {
      ApiServerClient.check(client, settings.namespaces());
      replica = Replica.alone(config, controllers, OperatorProcess::end);
    } else {
      stand(config, client, settings, namespace, controllers);
    }
    LOG.info("Relay pods will be of image {}", settings.relays().image());
  }

  /** In a pod. The webhook first: connectors should be judged before anybody acts on them. */
  private void stand(
      Config config,
      KubernetesClient client,
      OperatorSettings settings,
      String namespace,
      Replica.Start controllers) {
    Optional<WebhookServer> started =
        patiently(
            () -> {
              ApiServerClient.check(client, settings.namespaces());
              return startWebhook(client, settings, namespace);
            });
    if (started.isEmpty()) {
      return;
    }
    webhook = started.get();
    KubernetesClient once =
        ApiServerClient.sendingOnce(
            new ConfigBuilder(config)
                .withConnectionTimeout((int) LEASE_PATIENCE.toMillis())
                .withRequestTimeout((int) LEASE_PATIENCE.toMillis())
                .build());
    leases = once;
    replica =
        Replica.standing(
            config,
            controllers,
            OperatorProcess::end,
            new Replica.Election(once, namespace, settings.instance(), metrics));
  }

  /**
   * Tries until it works: a pod waits for an API server that is away or overloaded, since a restart
   * would change nothing.
   *
   * @return empty where the process is to end
   * @throws RuntimeException what waiting doesn't mend
   */
  private <T> Optional<T> patiently(Supplier<T> start) {
    String said = "";
    do {
      try {
        return Optional.of(start.get());
      } catch (RuntimeException e) {
        if (!Failures.passing(e)) {
          throw e;
        }
        if (!said.equals(Failures.reason(e))) {
          said = Failures.reason(e);
          LOG.warn("Waiting: {}", said);
        }
      }
    } while (!closing.beginsWithin(NEXT_ATTEMPT));
    return Optional.empty();
  }

  private WebhookServer startWebhook(
      KubernetesClient client, OperatorSettings settings, String namespace) {
    String mounted = environment.getOrDefault("BRIDGEHEAD_WEBHOOK_CERTIFICATE", "");
    CertificateSource certificate =
        mounted.isBlank()
            ? new WebhookServer.OwnAuthority(namespace, WEBHOOK_SECRET)
            : new WebhookServer.Mounted(Path.of(mounted));
    try {
      return WebhookServer.start(
          WebhookServer.Settings.behind(
              WEBHOOK_SERVICE,
              namespace,
              webhookPort,
              environment.getOrDefault("BRIDGEHEAD_WEBHOOK_CONFIGURATION", "bridgehead"),
              settings.clusterDomain(),
              certificate),
          client,
          Clock.systemUTC());
    } catch (KubernetesClientException e) {
      if (Failures.passing(e)) {
        throw e;
      }
      throw new IllegalStateException("the webhook can't start: " + Failures.reason(e), e);
    }
  }

  /** Whatever is under way here must not go on, so no shutdown hook runs. */
  private static void end(String why) {
    LOG.error("This process ends at once: {}", why);
    Runtime.getRuntime().halt(Main.EXIT_FAILED);
  }

  private boolean live() {
    Replica standing = replica;
    return standing == null || standing.live();
  }

  private boolean ready() {
    WebhookServer serving = webhook;
    Replica standing = replica;
    return !closing.begun()
        && standing != null
        && (serving == null ? standing.active() : serving.serves());
  }

  /**
   * The controllers first, so that another replica goes on at once; the webhook answers until
   * nobody asks it any more.
   */
  @Override
  public void close() {
    closing.begin();
    WebhookServer serving = webhook;
    if (serving != null) {
      serving.turnAway();
    }
    long begun = System.nanoTime();
    close(replica);
    if (serving != null) {
      pause(TURN_AWAY.minusNanos(System.nanoTime() - begun));
    }
    close(serving);
    close(leases);
    close(open);
    close(management);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time); // none where it is negative
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(@Nullable AutoCloseable part) {
    try {
      if (part != null) {
        part.close();
      }
    } catch (Exception e) {
      LOG.warn("{} did not stop cleanly", part.getClass().getSimpleName(), e);
    }
  }
}
