package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.operator.model.RelayEnvironment;
import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An operator that lacks one right, such as after an upgrade without its roles. */
@Tag("tier2")
class HalfStartedIT {
  private static final String USER = "half-started";

  private final ApiServer server = ApiServer.start().withCrds();
  private final AtomicInteger starts = new AtomicInteger();

  @Test
  void leavesNoWatchesBehindHoweverOftenItTries() {
    grantAllBut();
    try (server) {
      Replica replica =
          Replica.alone(
              new ConfigBuilder(server.config()).withImpersonateUsername(USER).build(),
              client -> {
                starts.incrementAndGet();
                return BridgeheadOperator.start(
                    client,
                    new OperatorSettings(
                        new RelayEnvironment("x", List.of(), Optional.empty(), List.of()),
                        "cluster.local",
                        Set.of(),
                        "test"),
                    (pod, ip, token) -> Optional.empty(),
                    new SimpleMeterRegistry(),
                    Clock.systemUTC());
              },
              why -> {});
      try (replica) {
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> starts.get() > 3);

        assertThat(replica.active()).isFalse();
        // One attempt watches StatefulSets once; those before it no longer do.
        Awaitility.await().untilAsserted(() -> assertThat(watches()).isLessThanOrEqualTo(1));
      }
    }
  }

  /** Everything is listed and watched but HorizontalPodAutoscalers. */
  private void grantAllBut() {
    server
        .admin()
        .resource(
            new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(USER)
                .endMetadata()
                .addNewRule()
                .withApiGroups("", "apps", "bridgehead.dev", "networking.k8s.io", "policy")
                .withResources("*")
                .withVerbs("get", "list", "watch")
                .endRule()
                .build())
        .create();
    server
        .admin()
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(USER)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", USER)
                .addNewSubject("rbac.authorization.k8s.io", "User", USER, null)
                .build())
        .create();
  }

  /** As the API server counts them; its own controllers don't run here. */
  private double watches() {
    return server
        .admin()
        .raw("/metrics")
        .lines()
        .filter(line -> line.startsWith("apiserver_longrunning_requests{"))
        .filter(line -> line.contains("resource=\"statefulsets\"") && line.contains("WATCH"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
