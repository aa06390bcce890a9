package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API server allows to whom where the chart is installed as it is. */
@Tag("tier2")
class ChartRightsIT {
  private static final String OPERATOR = "system:serviceaccount:mail-system:bridgehead";

  @SuppressWarnings("NullAway.Init") // before all tests
  private static ApiServer apiServer;

  @BeforeAll
  static void startApiServer() {
    apiServer = ApiServer.start().withCrds().startControllers();
    for (String namespace : List.of("mail-system", "shop")) {
      apiServer.kubectl("create", "namespace", namespace).run();
    }
    apiServer
        .kubectl("apply", "--server-side", "-f", "-")
        .withInput(Chart.rendered(List.of()))
        .run();
  }

  @AfterAll
  static void stopApiServer() {
    apiServer.close();
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

    assertThat(Chart.objects("ClusterRoleBinding", settings)).isEmpty();
    assertThat(Chart.objects("RoleBinding", settings))
        .allSatisfy(
            binding ->
                assertThat(binding.at("/metadata/namespace").asText()).isEqualTo("mail-system"));
    assertThat(Chart.objects("Role", settings))
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
}
