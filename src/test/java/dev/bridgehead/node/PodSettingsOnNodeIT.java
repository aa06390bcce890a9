package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Settings of pods, in force on a node. */
class PodSettingsOnNodeIT extends NodeTestBase {
  @Test
  void aChangeOfThePodReplacesItAndItTakesMailAgain() {
    String namespace = installation.namespace("pods");
    String shop = installation.namespace("shop");
    installation.apply(namespace, Connectors.dns("internet"));
    installation.awaitReady(namespace, "internet");
    String before = uid(namespace);

    installation.apply(
        namespace,
        Connectors.dns("internet")
            + "  pod: {labels: {team: mail}, resources: {limits: {memory: 768Mi}},"
            + " tolerations: [{operator: Exists}]}\n");

    Awaitility.await("another pod")
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(uid(namespace)).isNotEqualTo(before).isNotEmpty());
    assertThat(installation.field(namespace, "pod/internet-edge-0", ".metadata.labels.team"))
        .isEqualTo("mail");
    assertThat(
            installation.field(
                namespace, "pod/internet-edge-0", ".spec.containers[0].resources.limits.memory"))
        .isEqualTo("768Mi");
    cluster
        .kubectl("wait", "--for=condition=Ready", "pod/internet-edge-0", "-n", namespace)
        .with("--timeout=120s")
        .within(Duration.ofMinutes(3))
        .run();
    installation.awaitReady(namespace, "internet");
    assertThat(
            SenderPod.in(cluster, shop)
                .send(
                    "internet." + namespace + ".svc:25",
                    "shop@example.org",
                    "you@nowhere.test",
                    "Subject: x\n\nx\n"))
        .contains("queued as");
  }

  private static String uid(String namespace) {
    return installation.field(namespace, "pod/internet-edge-0", ".metadata.uid");
  }
}
