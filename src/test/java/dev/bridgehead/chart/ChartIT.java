package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.Helm;
import dev.bridgehead.testbed.MonitoringDefinitions;
import dev.bridgehead.validation.ConnectorRules;
import dev.bridgehead.validation.Facts;
import dev.bridgehead.webhook.WebhookServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("tier2")
class ChartIT {
  private static final String CHART = "helm/bridgehead";
  private static final String OPERATOR = "system:serviceaccount:mail-system:bridgehead";
  private static final ObjectMapper YAML = new YAMLMapper();

  /** One value of each kind that is not the default. */
  private static final List<String> MUCH =
      List.of(
          "image.repository=registry.example.net/mail/bridgehead",
          "image.digest=sha256:" + "0".repeat(64),
          "image.pullPolicy=Always",
          "image.pullSecrets={registry,other}",
          "clusterDomain=cluster.example",
          "watchNamespaces={shop,office}",
          "javaOptions=-Xlog:gc",
          "podLabels.team=mail",
          "podAnnotations.seen=yes",
          "nodeSelector.disk=fast",
          "tolerations[0].operator=Exists",
          "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key=disk",
          "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator=Exists",
          "priorityClassName=system-cluster-critical",
          "serviceAccount.annotations.owner=mail",
          "resources.limits.cpu=2",
          "webhook.timeoutSeconds=10",
          "metricsNamespaces={monitoring}",
          "networkPolicy.enabled=true",
          "podDisruptionBudget.enabled=true",
          "podDisruptionBudget.maxUnavailable=50%",
          "crds.keep=false",
          "test.storage.storageClassName=fast",
          "watchOwnNamespace=true",
          "replicas=3");

  /** Kinds that only clusters with the Prometheus operator have. */
  private static final List<String> MONITORING =
      List.of(
          "monitoring.podMonitor.enabled=true",
          "monitoring.podMonitor.labels.release=prometheus",
          "monitoring.serviceMonitor.enabled=true",
          "monitoring.prometheusRule.enabled=true",
          "monitoring.prometheusRule.runbookUrl=https://runbooks.example.net/mail",
          "monitoring.grafanaDashboard.enabled=true",
          "monitoring.grafanaDashboard.annotations.folder=Mail");

  @SuppressWarnings("NullAway.Init") // before all tests
  private static ApiServer apiServer;

  @BeforeAll
  static void startApiServer() {
    apiServer = ApiServer.start().withCrds().startControllers();
    apiServer
        .kubectl("apply", "--server-side", "-f", MonitoringDefinitions.folder().toString())
        .run();
    for (String namespace : List.of("mail-system", "shop", "office")) {
      apiServer.kubectl("create", "namespace", namespace).run();
    }
    apiServer
        .kubectl(
            "label", "namespace", "mail-system", "pod-security.kubernetes.io/enforce=restricted")
        .run();
    apiServer.kubectl("apply", "--server-side", "-f", "-").withInput(rendered(List.of())).run();
  }

  @AfterAll
  static void stopApiServer() {
    apiServer.close();
  }

  static Stream<List<String>> settings() {
    return Stream.of(
        List.of(),
        MUCH,
        List.of("watchNamespaces={shop}"),
        List.of("watchOwnNamespace=true", "replicas=2"),
        List.of("image.tag=1.0.0"),
        List.of("crds.enabled=false"),
        List.of("networkPolicy.enabled=true"),
        MONITORING);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void isLinted(List<String> settings) {
    Command.Result result = Helm.command("lint", "--strict", CHART).with(set(settings)).attempt();

    assertThat(result.status()).as(result.out() + result.err()).isZero();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void isTakenByTheApiServer(List<String> settings) {
    Command.Result result =
        apiServer
            .kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-")
            .withInput(rendered(settings))
            .attempt();

    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("Warning");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "wacthNamespaces={shop}",
        "image.pullPolicy=Sometimes",
        "image.tag=a b",
        "watchNamespaces={Shop}",
        "watchNamespaces=shop",
        "clusterDomain=",
        "webhook.timeoutSeconds=31",
        "resources.limits.memory=much",
        "crds.enabeld=true",
        "metricsNamespaces={Monitoring}",
        "podDisruptionBudget.maxUnavailable=half",
        "monitoring.podMonitor.interval=often",
        "monitoring.prometheusRule.runbookUrl=/runbooks",
        "test.storage.size=big",
        "replicas=0",
        "webhook.certManager.issuerRef.nmae=x"
      })
  void refusesValuesThatCannotWork(String setting) {
    Command.Result result = template(List.of(setting));

    assertThat(result.status()).isNotZero();
    assertThat(result.err()).as(setting).contains("specifications of the schema");
  }

  @Test
  void describesEveryValue() throws IOException {
    List<String> lines = Files.readAllLines(Path.of(CHART, "values.yaml"));

    for (int i = 1; i < lines.size(); i++) {
      boolean key = lines.get(i).matches(" *[a-zA-Z]+:.*");
      boolean value =
          lines.get(i).matches(" {4}(cpu|memory): .*| {4}size: .*"); // of a described one
      boolean group =
          value
              || lines
                  .get(i)
                  .matches(
                      "(serviceAccount|webhook|crds|test):| {2}(requests|limits|certManager|podMonitor|serviceMonitor|prometheusRule|grafanaDashboard):");
      if (key && !group) {
        assertThat(lines.get(i - 1).strip()).as(lines.get(i)).startsWith("#");
      }
    }
  }

  @Test
  void carriesTheCustomResourceDefinitionsOfTheProject() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("crds"))) {
      List<Path> definitions = files.toList();
      List<JsonNode> rendered = objects("CustomResourceDefinition", List.of());

      assertThat(rendered).hasSameSizeAs(definitions);
      for (Path file : definitions) {
        JsonNode definition = YAML.readTree(Files.readString(file));
        assertThat(rendered)
            .filteredOn(crd -> crd.at("/metadata/name").equals(definition.at("/metadata/name")))
            .singleElement()
            .satisfies(
                crd -> {
                  assertThat(crd.path("spec")).isEqualTo(definition.path("spec"));
                  assertThat(crd.at("/metadata/annotations/helm.sh~1resource-policy").asText())
                      .isEqualTo("keep");
                });
      }
    }
  }

  static Stream<List<String>> variables() throws IOException {
    return Files.readAllLines(Path.of("docs/objects.md")).stream()
        .filter(line -> line.matches("\\| `[A-Z_]+=.*"))
        .map(line -> Arrays.stream(line.split(" ?\\| ?")).skip(1).limit(2).toList());
  }

  @ParameterizedTest
  @MethodSource("variables")
  void tellsTheOperatorWhatTheTableSays(List<String> cells) throws IOException {
    String[] variable = cells.get(0).replace("`", "").split("=", 2);
    String value = cells.get(1);
    JsonNode environment =
        object("Deployment", value.startsWith("`") ? List.of(value.replace("`", "")) : List.of())
            .at("/spec/template/spec/containers/0/env");

    assertThat(environment)
        .filteredOn(entry -> entry.path("name").asText().equals(variable[0]))
        .singleElement()
        .satisfies(
            entry ->
                assertThat(
                        entry.has("valueFrom")
                            ? entry.at("/valueFrom/fieldRef/fieldPath").asText()
                            : entry.path("value").asText())
                    .isIn(variable[1], "metadata.namespace"));
  }

  @Test
  void leavesTheDefinitionsToOthersWhereAsked() throws IOException {
    assertThat(objects("CustomResourceDefinition", List.of("crds.enabled=false"))).isEmpty();
  }

  @Test
  void makesNothingThatNeedsOthersDefinitionsUnlessAsked() {
    assertThat(rendered(List.of())).doesNotContain("monitoring.coreos.com");
  }

  /** What `helm test` makes: on a server that the chart's webhook is not registered with. */
  @Test
  void testsWithObjectsThatTheApiServerTakes() {
    ApiServer bare = ApiServer.shared().withCrds();
    bare.kubectl("create", "namespace", "mail-system").run();
    bare.kubectl(
            "label", "namespace", "mail-system", "pod-security.kubernetes.io/enforce=restricted")
        .run();
    for (List<String> settings : List.of(List.<String>of(), MUCH)) {
      String hooks =
          Helm.command("template", "bridgehead", CHART, "--namespace", "mail-system")
              .with("--show-only", "templates/tests/mail.yaml")
              .with(set(settings))
              .run();

      Command.Result result =
          bare.kubectl("apply", "--dry-run=server", "-f", "-")
              .withInput(inOneNamespace(hooks))
              .attempt();

      assertThat(result.status()).as(result.err()).isZero();
      assertThat(result.err()).doesNotContain("Warning");
    }
  }

  private static String inOneNamespace(String manifests) {
    return manifests.replace("namespace: shop", "namespace: mail-system");
  }

  @Test
  void sendsARealMessageThroughRulesThatTheOperatorKeeps() throws IOException {
    String hooks =
        Helm.command("template", "bridgehead", CHART, "--namespace", "mail-system")
            .with("--show-only", "templates/tests/mail.yaml")
            .run();
    List<SmtpConnectorSpec> specs = new ArrayList<>();
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(hooks)) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        String inbox = document.at("/data/inbox.yaml").asText();
        JsonNode connector = inbox.isEmpty() ? document : YAML.readTree(inbox);
        if (connector.path("kind").asText().equals("SmtpConnector")) {
          specs.add(YAML.treeToValue(connector.path("spec"), SmtpConnectorSpec.class));
        }
      }
    }

    assertThat(specs)
        .hasSize(2)
        .allSatisfy(
            spec ->
                assertThat(
                        ConnectorRules.judge(
                                "bridgehead-test",
                                spec,
                                Facts.offline("mail-system", "cluster.local"))
                            .errors())
                    .isEmpty());
  }

  @Test
  void leavesTheCaBundleToTheOperator() throws IOException {
    JsonNode webhook = object("ValidatingWebhookConfiguration", List.of()).at("/webhooks/0");

    assertThat(webhook.path("clientConfig").has("caBundle")).isFalse();
    assertThat(webhook.path("failurePolicy").asText()).isEqualTo("Fail");
    assertThat(webhook.at("/clientConfig/service/path").asText()).isEqualTo(WebhookServer.path());
  }

  @Test
  void asksTheWebhookOnlyForTheNamespacesThatAreServed() throws IOException {
    JsonNode webhook =
        object("ValidatingWebhookConfiguration", List.of("watchNamespaces={shop,office}"))
            .at("/webhooks/0");

    assertThat(webhook.at("/namespaceSelector/matchExpressions/0/values").toString())
        .isEqualTo("[\"shop\",\"office\"]");
  }

  @Test
  void runsUnderTheRestrictedProfile() throws IOException {
    JsonNode template = object("Deployment", MUCH).at("/spec/template");
    String pod =
        YAML.writeValueAsString(
            YAML.createObjectNode()
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .<ObjectNode>set(
                    "metadata",
                    YAML.createObjectNode().put("name", "x").put("namespace", "mail-system"))
                .set("spec", template.path("spec")));

    Command.Result result =
        apiServer.kubectl("apply", "--dry-run=server", "-f", "-").withInput(pod).attempt();

    assertThat(result.status()).as(result.err()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "watch, secrets, yes",
    "get, secrets, yes",
    "list, secrets, no",
    "get, configmaps, yes",
    "list, configmaps, no",
    "watch, configmaps, yes",
    "create, events.events.k8s.io, yes",
    "update, secrets, no",
    "list, smtpconnectors.bridgehead.dev, yes",
    "create, smtpconnectors.bridgehead.dev, no",
    "delete, smtpconnectors.bridgehead.dev, no",
    "create, bridgeheads.bridgehead.dev, yes",
    "create, statefulsets.apps, yes",
    "create, networkpolicies.networking.k8s.io, yes",
    "create, horizontalpodautoscalers.autoscaling, yes",
    "create, poddisruptionbudgets.policy, yes",
    "create, pods, no",
    "delete, persistentvolumes, no",
    "create, deployments.apps, no",
    "create, roles.rbac.authorization.k8s.io, no",
    "get, namespaces, yes",
    "get, nodes, no",
    "impersonate, users, no",
    "patch, validatingwebhookconfigurations.admissionregistration.k8s.io/bridgehead, yes",
    "patch, validatingwebhookconfigurations.admissionregistration.k8s.io/other, no",
    "delete, validatingwebhookconfigurations.admissionregistration.k8s.io/bridgehead, no",
  })
  void allowsTheOperatorWhatItNeeds(String verb, String resource, String answer) {
    assertThat(mayI(OPERATOR, verb, resource)).isEqualTo(answer);
  }

  @ParameterizedTest
  @CsvSource({
    "view, get, smtpconnectors.bridgehead.dev, yes",
    "view, list, bridgeheads.bridgehead.dev, yes",
    "view, create, smtpconnectors.bridgehead.dev, no",
    "edit, create, smtpconnectors.bridgehead.dev, yes",
    "edit, patch, bridgeheads.bridgehead.dev, no",
    "admin, delete, smtpconnectors.bridgehead.dev, yes",
  })
  void joinsKubernetesOwnRoles(String role, String verb, String resource, String answer) {
    String user = role + "-user";
    apiServer
        .kubectl("-n", "shop", "create", "rolebinding", user, "--clusterrole=" + role)
        .with("--user=" + user)
        .attempt(); // there already, the second time

    // A controller gathers the roles.
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(mayI(user, verb, resource)).isEqualTo(answer));
  }

  /** Named as the operator's own; where it watches every namespace, it may read any Secret. */
  @ParameterizedTest
  @CsvSource({
    "mail-system, get, leases.coordination.k8s.io/bridgehead, yes",
    "mail-system, update, leases.coordination.k8s.io/bridgehead, yes",
    "mail-system, create, leases.coordination.k8s.io, yes",
    "mail-system, delete, leases.coordination.k8s.io/bridgehead, no",
    "mail-system, get, leases.coordination.k8s.io/other, no",
    "mail-system, update, leases.coordination.k8s.io/other, no",
    "mail-system, list, leases.coordination.k8s.io, no",
    "shop, get, leases.coordination.k8s.io/bridgehead, no",
    "shop, create, leases.coordination.k8s.io, no",
    "mail-system, update, secrets/bridgehead-webhook-ca, yes",
    "mail-system, update, secrets/other, no",
    "shop, update, secrets/bridgehead-webhook-ca, no",
    "mail-system, list, secrets, no",
  })
  void allowsAReplicaItsLeaseAndItsAuthority(
      String namespace, String verb, String resource, String answer) {
    assertThat(mayI(namespace, OPERATOR, verb, resource)).isEqualTo(answer);
  }

  @Test
  void givesNoRightsInTheClusterWhereOneNamespaceIsServedAndCertManagerKeepsTheCertificate()
      throws IOException {
    List<String> settings = List.of("watchOwnNamespace=true", "webhook.certManager.enabled=true");

    assertThat(objects("ClusterRoleBinding", settings)).isEmpty();
    assertThat(objects("RoleBinding", settings))
        .allSatisfy(
            binding ->
                assertThat(binding.at("/metadata/namespace").asText()).isEqualTo("mail-system"));
    assertThat(objects("Role", settings))
        .filteredOn(role -> role.at("/metadata/name").asText().equals("bridgehead-replica"))
        .singleElement()
        .satisfies(role -> assertThat(role.toString()).doesNotContain("secrets"));
  }

  private static String mayI(String user, String verb, String resource) {
    return mayI("shop", user, verb, resource);
  }

  private static String mayI(String namespace, String user, String verb, String resource) {
    return apiServer
        .kubectl("auth", "can-i", verb, resource, "-n", namespace, "--as", user, "--quiet=false")
        .attempt()
        .out()
        .strip();
  }

  private static JsonNode object(String kind, List<String> settings) throws IOException {
    return objects(kind, settings).stream()
        .findFirst()
        .orElseThrow(() -> new AssertionError("the chart has no " + kind));
  }

  private static List<JsonNode> objects(String kind, List<String> settings) throws IOException {
    List<JsonNode> found = new ArrayList<>();
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(rendered(settings))) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.path("kind").asText().equals(kind)) {
          found.add(document);
        }
      }
    }
    return found;
  }

  private static String rendered(List<String> settings) {
    Command.Result result = template(settings);
    assertThat(result.status()).as(result.err()).isZero();
    return result.out();
  }

  private static Command.Result template(List<String> settings) {
    return Helm.command("template", "bridgehead", CHART, "--namespace", "mail-system")
        .with("--no-hooks") // what `helm test` makes has a test of its own
        .with(set(settings))
        .attempt();
  }

  private static String[] set(List<String> settings) {
    return settings.stream().map(s -> "--set=" + s).toArray(String[]::new);
  }
}
