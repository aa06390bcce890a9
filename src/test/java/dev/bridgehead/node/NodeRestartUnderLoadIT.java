package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of mail when the node that all pods are on is restarted, in part or as a whole. */
class NodeRestartUnderLoadIT extends NodeTestBase {
  private static LoadedConnector busy;

  @BeforeAll
  static void connectorUnderLoad() {
    busy = LoadedConnector.byDns(installation, 2);
  }

  @AfterAll
  static void endLoad() {
    if (busy != null) {
      busy.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "kill"})
  void relaysRunOnWhileKubeletAndContainerdAreAway(
      String action, TestInfo test, TestReporter reporter) {
    List<String> before = busy.podUids();
    List<String> restarts = busy.restarts();
    busy.load().send();

    for (String program : List.of("kubelet", "containerd")) {
      cluster.program(action, program);
    }
    busy.awaitMessages(200);
    for (String program : List.of("containerd", "kubelet")) {
      cluster.program("start", program);
    }
    awaitKubelet();
    busy.awaitMessages(200);
    busy.awaitAllReady(2);

    assertThat(busy.podUids()).isEqualTo(before);
    assertThat(busy.restarts()).isEqualTo(restarts);
    assertThat(busy.settle(test.getDisplayName(), reporter).duplicates()).isZero();
  }

  @Test
  void aRebootOfTheNodeLosesNothing(TestInfo test, TestReporter reporter) {
    List<String> claims = busy.claims();
    List<String> before = busy.ofPods(".status.podIP");
    busy.load().send();
    busy.awaitMessages(100);

    busy.load().aboutToKill();
    cluster.reboot();
    await("pods in new sandboxes")
        .atMost(Duration.ofMinutes(3))
        .until(() -> busy.ofPods(".status.podIP").stream().noneMatch(before::contains));
    awaitKubelet();
    busy.awaitMessages(100);
    busy.awaitAllReady(2);
    awaitOperator();

    assertThat(busy.claims()).isEqualTo(claims);
    busy.settle(test.getDisplayName(), reporter);
  }

  /** The node's status says it only after a while; the kubelet itself at once. */
  private static void awaitKubelet() {
    await("the kubelet")
        .ignoreExceptionsInstanceOf(KubernetesClientException.class)
        .atMost(Duration.ofMinutes(2))
        .until(() -> "ok".equals(cluster.client().raw("/api/v1/nodes/node0/proxy/healthz")));
  }

  private static void awaitOperator() {
    cluster
        .kubectl("rollout", "status", "deploy/bridgehead", "-n", "bridgehead", "--timeout=2m")
        .within(Duration.ofMinutes(3))
        .run();
  }
}
