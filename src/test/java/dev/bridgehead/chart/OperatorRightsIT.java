package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.operator.BridgeheadOperator;
import dev.bridgehead.operator.OperatorSettings;
import dev.bridgehead.operator.model.RelayEnvironment;
import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.Helm;
import dev.bridgehead.webhook.WebhookServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The operator as the chart's ServiceAccount, with a token of its own: whatever it asks for that
 * its roles don't allow is noted.
 */
@Tag("tier2")
class OperatorRightsIT {
  private static final String CONNECTOR =
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: relay}
      type: kubernetes.io/basic-auth
      stringData: {username: u, password: p}
      ---
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet}
      spec:
        routing: {mode: SmartHost, smartHosts: [{host: smtp.example.net, credentialsRef: {name: relay}}]}
        outbound: {tls: {mode: Verified, caBundleRef: {name: kube-root-ca.crt}}}
        bridgeheads: [{name: edge, hostname: mail.example.com, autoscaling: {maxReplicas: 2}}]
        access: {allowedClients: [10.0.0.0/8]}
        storage: {size: 1Gi}
        deletion: {policy: Retain}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"", "shop"})
  void suffice(String watched) {
    try (ApiServer server = ApiServer.start().withCrds().startControllers()) {
      server.kubectl("create", "namespace", "mail-system").run();
      server.kubectl("create", "namespace", "shop").run();
      server.kubectl("apply", "--server-side", "-f", "-").withInput(chart(watched)).run();
      Set<String> namespaces = watched.isEmpty() ? Set.of() : Set.of(watched);

      Refusals refusals = new Refusals();
      try (KubernetesClient client = serviceAccount(server, refusals);
          WebhookServer webhook = webhook(client);
          BridgeheadOperator operator =
              BridgeheadOperator.start(
                  client,
                  new OperatorSettings(
                      new RelayEnvironment(
                          "bridgehead:dev", List.of(), Optional.of("mail-system"), List.of()),
                      "cluster.local",
                      namespaces,
                      "test"),
                  (address, token) -> Optional.empty(),
                  new SimpleMeterRegistry(),
                  Clock.systemUTC())) {
        live(server);
        assertThat(operator.ready()).isTrue();
        assertThat(webhook.port()).isPositive();
      }

      assertThat(refusals.seen).isEmpty();
    }
  }

  /** A connector's life: made, mended, changed, deleted. */
  private static void live(ApiServer server) {
    // No node runs here, so the API server can't reach a webhook behind a Service.
    server.kubectl("delete", "validatingwebhookconfiguration", "bridgehead").run();
    server.kubectl("-n", "shop", "apply", "-f", "-").withInput(CONNECTOR).run();
    await(server, "statefulset/internet-edge", "service/internet", "service/internet-edge");
    await(server, "secret/internet-edge-effective", "serviceaccount/internet-edge");
    await(server, "networkpolicy/internet-edge", "hpa/internet-edge");

    server.kubectl("-n", "shop", "delete", "statefulset", "internet-edge").run();
    await(server, "statefulset/internet-edge");
    server
        .kubectl("-n", "shop", "apply", "-f", "-")
        .withInput(CONNECTOR.replace("size: 1Gi", "size: 2Gi"))
        .run();
    await(server, "persistentvolumeclaim/spool-internet-edge-0");

    server
        .kubectl("-n", "shop", "delete", "smtpconnector", "internet", "--timeout=60s")
        .within(Duration.ofSeconds(90))
        .run();
  }

  private static void await(ApiServer server, String... objects) {
    for (String object : objects) {
      Awaitility.await(object)
          .atMost(Duration.ofSeconds(60))
          .until(() -> server.kubectl("-n", "shop", "get", object).attempt().status() == 0);
    }
  }

  private static String chart(String watched) {
    Command template =
        Helm.command("template", "bridgehead", "helm/bridgehead", "--namespace", "mail-system")
            .with("--no-hooks", "--set", "crds.enabled=false");
    return watched.isEmpty()
        ? template.run()
        : template.with("--set", "watchNamespaces={" + watched + "}").run();
  }

  private static KubernetesClient serviceAccount(ApiServer server, Refusals refusals) {
    String token = server.kubectl("-n", "mail-system", "create", "token", "bridgehead").run();
    return new KubernetesClientBuilder()
        .withConfig(new ConfigBuilder(server.config()).withOauthToken(token).build())
        .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("refusals", refusals))
        .build();
  }

  private static WebhookServer webhook(KubernetesClient client) {
    return WebhookServer.start(
        new WebhookServer.Settings(
            InetAddress.getLoopbackAddress(),
            0,
            List.of("127.0.0.1"),
            "bridgehead",
            "cluster.local",
            new WebhookServer.OwnAuthority("mail-system", "bridgehead-webhook-ca")),
        client,
        Clock.systemUTC());
  }

  /** Notes what the API server forbade. */
  private static final class Refusals implements Interceptor {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Override
    public void after(
        HttpRequest request,
        HttpResponse<?> response,
        AsyncBody.Consumer<List<ByteBuffer>> consumer) {
      if (response.code() == HttpURLConnection.HTTP_FORBIDDEN) {
        seen.add(request.method() + " " + request.uri());
      }
    }
  }
}
