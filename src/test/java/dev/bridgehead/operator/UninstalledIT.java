package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The operator goes first, and its finalizers stay: what docs/operator.md says to do then. */
@Tag("tier2")
class UninstalledIT {
  @Test
  void whoeverInstallsItAgainHasTheDeletionFinished() throws IOException {
    String namespace = "uninstalled";
    leaveBehind(namespace);
    kubectl(namespace, "delete", "smtpconnector", "internet", "--wait=false");
    assertThat(kubectl(namespace, "get", "smtpconnectors", "-o", "name")).contains("internet");

    try (ClusterWithOperator again = new ClusterWithOperator()) {
      again.await("the connector gone", () -> again.connector(namespace) == null);
      assertThat(again.objects(namespace)).isEmpty();
    }
  }

  @Test
  void aTerminatingNamespaceWaitsForTheOperatorAndIsThenLetGo() throws IOException {
    String namespace = "uninstalled-terminating";
    leaveBehind(namespace);
    kubectl(namespace, "delete", "namespace", namespace, "--wait=false");
    Awaitility.await("the finalizers hold it")
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                kubectl(
                        namespace,
                        "get",
                        "namespace",
                        namespace,
                        "-o",
                        "jsonpath={.status.conditions[*].message}")
                    .contains("bridgehead.dev/connector in "));

    try (ClusterWithOperator again = new ClusterWithOperator()) {
      again.await("gone", () -> again.admin().namespaces().withName(namespace).get() == null);
    }
  }

  /** The commands of docs/operator.md; claims stay, since nobody looked what is on them. */
  @Test
  void canBeReleasedByHandWithoutIt() throws IOException {
    String namespace = "uninstalled-by-hand";
    leaveBehind(namespace);
    String claims = kubectl(namespace, "get", "pvc", "-o", "name");
    assertThat(claims).contains("spool-internet-edge-0");

    kubectl(namespace, "delete", "smtpconnectors,bridgeheads", "--all", "--wait=false");
    for (String object :
        kubectl(namespace, "get", "smtpconnectors,bridgeheads", "-o", "name").lines().toList()) {
      kubectl(
          namespace,
          "patch",
          object,
          "--type=merge",
          "--patch={\"metadata\":{\"finalizers\":null}}");
    }
    kubectl(
        namespace,
        "delete",
        "statefulsets,services,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers",
        "-l",
        "app.kubernetes.io/managed-by=bridgehead-operator");

    assertThat(kubectl(namespace, "get", "smtpconnectors,bridgeheads", "-o", "name")).isEmpty();
    assertThat(kubectl(namespace, "get", "services,statefulsets,secrets", "-o", "name")).isEmpty();
    assertThat(kubectl(namespace, "get", "pvc", "-o", "name")).isEqualTo(claims);
  }

  /** A connector with all its objects, and no operator any more. */
  private static void leaveBehind(String namespace) throws IOException {
    try (ClusterWithOperator cluster = new ClusterWithOperator()) {
      cluster.namespace(namespace);
      cluster.apply(namespace, OperatorTestBase.DNS);
      cluster.await("all objects", () -> cluster.complete(namespace));
      cluster.await(
          "a claim",
          () ->
              !cluster
                  .admin()
                  .persistentVolumeClaims()
                  .inNamespace(namespace)
                  .list()
                  .getItems()
                  .isEmpty());
    }
  }

  private static String kubectl(String namespace, String... arguments) {
    return ApiServer.shared().kubectl("-n", namespace).with(arguments).run();
  }
}
