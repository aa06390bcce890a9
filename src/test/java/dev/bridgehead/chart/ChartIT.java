package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("tier2")
class ChartIT {
  /** One value of each kind that is not the default. */
  private static final List<String> MUCH =
      List.of(
          "image.repository=registry.example.net/mail/bridgehead",
          "image.digest=sha256:" + "0".repeat(64),
          "image.pullPolicy=Always",
          "image.pullSecrets={registry,other}",
          "relayImage=registry.example.net/mail/bridgehead@sha256:" + "1".repeat(64),
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
          "dnssec.validation=trust",
          "dnssec.unsigned={corp.example.com}",
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
    apiServer
        .kubectl("apply", "--server-side", "-f", "-")
        .withInput(Chart.rendered(List.of()))
        .run();
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
    Command.Result result =
        Helm.command("lint", "--strict", Chart.FOLDER).with(Chart.set(settings)).attempt();

    assertThat(result.status()).as(result.out() + result.err()).isZero();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void isTakenByTheApiServer(List<String> settings) {
    Command.Result result =
        apiServer
            .kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-")
            .withInput(Chart.rendered(settings))
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
        "relayImage=bridgehead",
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
    Command.Result result = Chart.template(List.of(setting));

    assertThat(result.status()).isNotZero();
    assertThat(result.err()).as(setting).contains("specifications of the schema");
  }

  @Test
  void describesEveryValue() throws IOException {
    List<String> lines = Files.readAllLines(Path.of(Chart.FOLDER, "values.yaml"));

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
      List<JsonNode> rendered = Chart.objects("CustomResourceDefinition", List.of());

      assertThat(rendered).hasSameSizeAs(definitions);
      for (Path file : definitions) {
        JsonNode definition = Chart.YAML.readTree(Files.readString(file));
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
        Chart.object(
                "Deployment", value.startsWith("`") ? List.of(value.replace("`", "")) : List.of())
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
    assertThat(Chart.objects("CustomResourceDefinition", List.of("crds.enabled=false"))).isEmpty();
  }

  @Test
  void makesNothingThatNeedsOthersDefinitionsUnlessAsked() {
    assertThat(Chart.rendered(List.of())).doesNotContain("monitoring.coreos.com");
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
          Helm.command("template", "bridgehead", Chart.FOLDER, "--namespace", "mail-system")
              .with("--show-only", "templates/tests/mail.yaml")
              .with(Chart.set(settings))
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
        Helm.command("template", "bridgehead", Chart.FOLDER, "--namespace", "mail-system")
            .with("--show-only", "templates/tests/mail.yaml")
            .run();
    List<SmtpConnectorSpec> specs = new ArrayList<>();
    try (var documents = Chart.YAML.readerFor(JsonNode.class).<JsonNode>readValues(hooks)) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        String inbox = document.at("/data/inbox.yaml").asText();
        JsonNode connector = inbox.isEmpty() ? document : Chart.YAML.readTree(inbox);
        if (connector.path("kind").asText().equals("SmtpConnector")) {
          specs.add(Chart.YAML.treeToValue(connector.path("spec"), SmtpConnectorSpec.class));
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
    JsonNode webhook = Chart.object("ValidatingWebhookConfiguration", List.of()).at("/webhooks/0");

    assertThat(webhook.path("clientConfig").has("caBundle")).isFalse();
    assertThat(webhook.path("failurePolicy").asText()).isEqualTo("Fail");
    assertThat(webhook.at("/clientConfig/service/path").asText()).isEqualTo(WebhookServer.path());
  }

  @Test
  void asksTheWebhookOnlyForTheNamespacesThatAreServed() throws IOException {
    JsonNode webhook =
        Chart.object("ValidatingWebhookConfiguration", List.of("watchNamespaces={shop,office}"))
            .at("/webhooks/0");

    assertThat(webhook.at("/namespaceSelector/matchExpressions/0/values").toString())
        .isEqualTo("[\"shop\",\"office\"]");
  }

  @Test
  void runsUnderTheRestrictedProfile() throws IOException {
    JsonNode template = Chart.object("Deployment", MUCH).at("/spec/template");
    String pod =
        Chart.YAML.writeValueAsString(
            Chart.YAML
                .createObjectNode()
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .<ObjectNode>set(
                    "metadata",
                    Chart.YAML.createObjectNode().put("name", "x").put("namespace", "mail-system"))
                .set("spec", template.path("spec")));

    Command.Result result =
        apiServer.kubectl("apply", "--dry-run=server", "-f", "-").withInput(pod).attempt();

    assertThat(result.status()).as(result.err()).isZero();
  }
}
