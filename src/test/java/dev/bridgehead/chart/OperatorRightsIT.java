package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.Helm;
import dev.bridgehead.testbed.ReplicaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The operator as a process, with a token of the chart's ServiceAccount and the environment of the
 * chart's Deployment. The API server's audit log says what its roles don't allow it.
 */
@Tag("tier2")
class OperatorRightsIT {
  private static final String RELEASE = "mail-system";
  private static final String ACCOUNT = "system:serviceaccount:" + RELEASE + ":bridgehead";
  private static final String WEBHOOK = "validatingwebhookconfiguration/bridgehead";
  private static final String LEASE = "lease/bridgehead";
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

  /** Somebody else's webhook, which is down: no Secret can be made (500). */
  private static final String JAM =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: jam}
      webhooks:
        - name: jam.example.net
          admissionReviewVersions: [v1]
          clientConfig: {url: "https://127.0.0.1:1/"}
          rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [secrets]}]
          failurePolicy: Fail
          sideEffects: None
      """;

  /**
   * What a life without nodes doesn't come to, each with what it is for. Rights to create are
   * needed for what an apply makes, and noted as patches.
   */
  private static final Set<String> RARE =
      Set.of(
          "patch pods", // to have a kubelet look at its Secret
          "delete pods", // one that isn't ready, with a template that changed
          "create pods/eviction", // any other of these
          "get pods", // as the two before
          "patch persistentvolumeclaims", // to grow it, and to note what is on it
          "delete persistentvolumeclaims", // an empty one
          "get smtpconnectors.bridgehead.dev", // after a conflict
          "get bridgeheads.bridgehead.dev", // after a conflict
          "update secrets", // the webhook's authority, when another follows it
          "get validatingwebhookconfigurations.admissionregistration.k8s.io", // to apply to it
          "update smtpconnectors/finalizers.bridgehead.dev"); // where owning is guarded

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  /**
   * What is watched.
   *
   * @param settings of the chart
   * @param served namespaces with connectors
   * @param others namespaces whose connectors are nobody's business
   */
  private record Scope(List<String> settings, List<String> served, List<String> others) {}

  static Stream<Scope> scopes() {
    return Stream.of(
        new Scope(List.of(), List.of("shop"), List.of()),
        new Scope(List.of("watchOwnNamespace=true"), List.of(RELEASE), List.of("shop", "office")),
        new Scope(
            List.of("watchNamespaces={shop,office}"), List.of("shop", "office"), List.of(RELEASE)));
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void suffice(Scope scope) throws Exception {
    try (ApiServer server = serverWithChart(scope.settings)) {
      try (ReplicaProcess replica = replica(server, scope.settings)) {
        replica.awaitLine("The controllers run");
        assertThat(get(server, RELEASE, LEASE, "{.spec.holderIdentity}")).startsWith("a_");
        assertThat(get(server, RELEASE, WEBHOOK, "{.webhooks[0].clientConfig.caBundle}"))
            .isNotEmpty();
        // No node runs here, so the API server can't reach a webhook behind a Service.
        server.kubectl("delete", WEBHOOK).run();
        for (String namespace : scope.others) {
          server.kubectl("-n", namespace, "apply", "-f", "-").withInput(CONNECTOR).run();
        }
        for (String namespace : scope.served) {
          live(server, namespace);
        }
        replica.signal("TERM");
        assertThat(replica.endsWithin(Duration.ofSeconds(30))).isTrue();
        assertThat(replica.log()).doesNotContain("\tat ");
      }

      assertThat(get(server, RELEASE, LEASE, "{.spec.holderIdentity}")).as("released").isEmpty();
      assertThat(server.refusals(ACCOUNT)).isEmpty();
      Set<String> unused = rights(scope.settings);
      unused.removeAll(server.requests(ACCOUNT));
      unused.removeIf(right -> right.startsWith("create ") && !right.contains("/"));
      assertThat(unused).as("rights that nothing needs").isSubsetOf(RARE);
      for (String namespace : scope.others) {
        assertThat(
                get(
                    server,
                    namespace,
                    "smtpconnector/internet",
                    "{.status.observedGeneration}{.metadata.finalizers}"))
            .as("as nobody has looked at it")
            .isEqualTo("-1");
        assertThat(mayI(server, namespace, "get", "secrets/relay")).isEqualTo("no");
        assertThat(mayI(server, namespace, "create", "statefulsets.apps")).isEqualTo("no");
      }
    }
  }

  @Test
  void aStartThatTheApiServerCannotServeYetIsTriedAgain() throws Exception {
    try (ApiServer server = serverWithChart(List.of())) {
      server.kubectl("apply", "-f", "-").withInput(JAM).run();
      Command secret =
          server.kubectl("create", "secret", "generic", "any", "--dry-run=server", "-n", RELEASE);
      Awaitility.await("the jam").until(() -> secret.attempt().status() != 0);
      try (ReplicaProcess replica = replica(server, List.of())) {
        replica.awaitLine("Waiting: ");
        server.kubectl("delete", "validatingwebhookconfiguration", "jam").run();

        replica.awaitLine("The controllers run");
        assertThat(replica.log()).doesNotContain("\tat ");
      }
    }
  }

  private static ApiServer serverWithChart(List<String> settings) {
    ApiServer server = ApiServer.startAudited().withCrds().startControllers();
    for (String namespace : List.of(RELEASE, "shop", "office")) {
      server.kubectl("create", "namespace", namespace).run();
    }
    server.kubectl("apply", "--server-side", "-f", "-").withInput(chart(settings)).run();
    return server;
  }

  private ReplicaProcess replica(ApiServer server, List<String> settings) throws IOException {
    Files.createDirectories(folder);
    return ReplicaProcess.start(
        server.kubeconfigOf(RELEASE, "bridgehead"), RELEASE, "a", environment(settings), folder);
  }

  /** What the chart's Deployment tells the operator. */
  private static Map<String, String> environment(List<String> settings) throws IOException {
    Map<String, String> environment = new HashMap<>();
    try (var documents =
        new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(chart(settings))) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.path("kind").asText().equals("Deployment")) {
          for (JsonNode entry : document.at("/spec/template/spec/containers/0/env")) {
            if (entry.has("value")) {
              environment.put(entry.path("name").asText(), entry.path("value").asText());
            }
          }
        }
      }
    }
    assertThat(environment).containsKey("BRIDGEHEAD_WATCH_NAMESPACES");
    return environment;
  }

  /** A connector's life: made, mended, changed, deleted. */
  private static void live(ApiServer server, String namespace) {
    apply(server, namespace, CONNECTOR);
    await(server, namespace, "statefulset/internet-edge", "service/internet");
    await(server, namespace, "service/internet-edge", "serviceaccount/internet-edge");
    await(server, namespace, "secret/internet-edge-effective", "poddisruptionbudget/internet-edge");
    await(server, namespace, "networkpolicy/internet-edge", "hpa/internet-edge");

    server.kubectl("-n", namespace, "delete", "statefulset", "internet-edge").run();
    await(server, namespace, "statefulset/internet-edge");
    apply(server, namespace, CONNECTOR.replace("size: 1Gi", "size: 2Gi"));
    await(server, namespace, "persistentvolumeclaim/spool-internet-edge-0");

    server
        .kubectl("-n", namespace, "delete", "smtpconnector", "internet", "--timeout=60s")
        .within(Duration.ofSeconds(90))
        .run();
  }

  private static void apply(ApiServer server, String namespace, String manifests) {
    server.kubectl("-n", namespace, "apply", "-f", "-").withInput(manifests).run();
  }

  private static void await(ApiServer server, String namespace, String... objects) {
    for (String object : objects) {
      Awaitility.await(namespace + " " + object)
          .atMost(Duration.ofSeconds(60))
          .until(() -> server.kubectl("-n", namespace, "get", object).attempt().status() == 0);
    }
  }

  private static String get(ApiServer server, String namespace, String object, String jsonPath) {
    return server.kubectl("-n", namespace, "get", object, "-o", "jsonpath=" + jsonPath).run();
  }

  private static String mayI(ApiServer server, String namespace, String verb, String object) {
    return server
        .kubectl("auth", "can-i", verb, object, "-n", namespace, "--as", ACCOUNT)
        .attempt()
        .out()
        .strip();
  }

  /** All that the chart allows the operator, as {@link ApiServer#requests} has it. */
  private static Set<String> rights(List<String> settings) throws IOException {
    Set<String> rights = new TreeSet<>();
    try (var documents =
        new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(chart(settings))) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.path("kind").asText().endsWith("Role")
            && !document.at("/metadata/labels").toString().contains("aggregate-to")) {
          document.path("rules").forEach(rule -> rights.addAll(rights(rule)));
        }
      }
    }
    assertThat(rights).contains("get secrets", "create statefulsets.apps");
    return rights;
  }

  private static Set<String> rights(JsonNode rule) {
    Set<String> rights = new TreeSet<>();
    for (JsonNode group : rule.path("apiGroups")) {
      for (JsonNode resource : rule.path("resources")) {
        for (JsonNode verb : rule.path("verbs")) {
          String of = group.asText().isEmpty() ? "" : "." + group.asText();
          rights.add(verb.asText() + " " + resource.asText() + of);
        }
      }
    }
    return rights;
  }

  private static String chart(List<String> settings) {
    Command template =
        Helm.command("template", "bridgehead", "helm/bridgehead", "--namespace", RELEASE)
            .with("--no-hooks", "--set", "crds.enabled=false");
    return template.with(settings.stream().map(s -> "--set=" + s).toArray(String[]::new)).run();
  }
}
