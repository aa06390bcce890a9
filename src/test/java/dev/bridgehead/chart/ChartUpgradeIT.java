package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.Helm;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The chart's life in one cluster, in order: an earlier chart, whose definitions Helm installed
 * once and never upgraded, upgraded, upgraded again, uninstalled and installed again.
 */
@Tag("tier2")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ChartUpgradeIT {
  private static final String CHART = "helm/bridgehead";
  private static final String EARLIER = "src/test/resources/dev/bridgehead/chart/previous";
  private static final String CRD = "customresourcedefinition/smtpconnectors.bridgehead.dev";
  private static final String NEW_FIELD =
      "{.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.pod.type}";

  @SuppressWarnings("NullAway.Init") // before all tests
  private static ApiServer apiServer;

  @BeforeAll
  static void installTheEarlierChart() {
    apiServer = ApiServer.start().startControllers();
    helm("install", "bridgehead", EARLIER, "--create-namespace").run();
    // No node runs here, so the API server can't reach a webhook behind a Service.
    kubectl("delete", "validatingwebhookconfiguration", "bridgehead").run();
    kubectl("wait", "--for=condition=Established", CRD).run();
    kubectl("apply", "-f", "examples/internet.yaml").run();
  }

  @AfterAll
  static void stopApiServer() {
    apiServer.close();
  }

  @Test
  @Order(1)
  void anUpgradeSaysThatTheDefinitionsAreNotItsOwnYet() {
    Command.Result result = helm("upgrade", "bridgehead", CHART).attempt();

    assertThat(result.status()).isNotZero();
    assertThat(result.err()).contains("bridgehead.dev", "invalid ownership metadata");
    assertThat(get(CRD, NEW_FIELD)).isEmpty();
  }

  @Test
  @Order(2)
  void anUpgradeThatTakesThemUpgradesThemAndKeepsTheConnectors() {
    String uid = get("smtpconnector/internet", "{.metadata.uid}");

    helm("upgrade", "bridgehead", CHART, "--take-ownership").run();

    assertThat(get(CRD, NEW_FIELD)).isEqualTo("object");
    assertThat(get(CRD, "{.metadata.annotations.helm\\.sh/resource-policy}")).isEqualTo("keep");
    assertThat(get("smtpconnector/internet", "{.metadata.uid}")).isEqualTo(uid).isNotEmpty();
  }

  @Test
  @Order(3)
  void theSameUpgradeAgainChangesNothing() {
    helm("upgrade", "bridgehead", CHART).run();
    Map<String, String> before = versions();

    helm("upgrade", "bridgehead", CHART).run();

    assertThat(versions()).isEqualTo(before).hasSizeGreaterThan(8);
  }

  /**
   * As Argo CD compares: what the operator wrote (caBundle) is not in the chart, so no difference.
   */
  @Test
  @Order(4)
  void whatTheChartRendersIsWhatIsThere() {
    Command.Result difference =
        kubectl(
                "diff",
                "--server-side",
                "--force-conflicts",
                "--field-manager=argocd-controller",
                "-f",
                "-")
            .withInput(helm("get", "manifest", "bridgehead").run())
            .attempt();

    assertThat(difference.out() + difference.err()).isEmpty();
  }

  @Test
  @Order(5)
  void uninstallingKeepsDefinitionsAndConnectors() {
    helm("uninstall", "bridgehead").run();

    assertThat(get("smtpconnector/internet", "{.spec.routing.mode}")).isEqualTo("DNS");
    assertThat(kubectl("get", "deployment,clusterrole", "-A", "-o", "name").run())
        .doesNotContain("/bridgehead\n");
  }

  @Test
  @Order(6)
  void installingAgainFindsItsDefinitions() {
    helm("install", "bridgehead", CHART).run();

    assertThat(get(CRD, "{.metadata.labels.app\\.kubernetes\\.io/managed-by}")).isEqualTo("Helm");
    assertThat(get("smtpconnector/internet", "{.spec.routing.mode}")).isEqualTo("DNS");
  }

  /** resourceVersion of everything that the chart makes. */
  private static Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    for (String kind :
        List.of(
            "customresourcedefinitions",
            "clusterroles",
            "clusterrolebindings",
            "validatingwebhookconfigurations",
            "serviceaccounts",
            "services")) {
      kubectl("get", kind, "-A", "-l", "app.kubernetes.io/managed-by=Helm")
          .with(
              "-o",
              "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{\"\\n\"}{end}")
          .run()
          .lines()
          .map(line -> line.split(" "))
          .forEach(parts -> versions.put(parts[0], parts[1]));
    }
    versions.put(
        "Deployment", get("-n mail-system deployment/bridgehead", "{.metadata.generation}"));
    return versions;
  }

  private static String get(String object, String jsonPath) {
    return kubectl("get").with(object.split(" ")).with("-o", "jsonpath=" + jsonPath).run();
  }

  private static Command helm(String... arguments) {
    return Helm.command(arguments)
        .with("--namespace", "mail-system", "--kubeconfig", apiServer.kubeconfig().toString());
  }

  private static Command kubectl(String... arguments) {
    return apiServer.kubectl(arguments);
  }
}
