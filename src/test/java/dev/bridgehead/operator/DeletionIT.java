package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Conditions;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deletion, and pods: a real API server and its controllers, the test in the place of a node. */
@Tag("tier2")
class DeletionIT extends OperatorTestBase {
  private static final String CONNECTOR =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
        deletion: {policy: Drain, timeout: 1h}
      """;

  /** What a connector of the same names left behind. */
  private static final String EARLIER_CLAIM =
      """
      apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: spool-internet-edge-0
        labels:
          app.kubernetes.io/name: bridgehead
          app.kubernetes.io/component: relay
          app.kubernetes.io/instance: internet
          bridgehead.dev/bridgehead: edge
        annotations: {bridgehead.dev/queued: "12", bridgehead.dev/released-by: earlier}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: 2Gi}}
      """;

  private static final String FIRST = "internet-edge-0";
  private static final String SECOND = "internet-edge-1";

  @ParameterizedTest
  @EnumSource(
      value = DeletionPropagation.class,
      names = {"BACKGROUND", "FOREGROUND"})
  void leavesNothingOfAConnectorThatNeverRan(DeletionPropagation propagation) {
    String namespace =
        cluster.namespace("never-ran-" + propagation.name().toLowerCase(Locale.ROOT));
    cluster.apply(namespace, CONNECTOR);
    cluster.await("pods", () -> pod(namespace, SECOND) != null);

    delete(namespace, propagation);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    assertThat(cluster.objects(namespace)).isEmpty();
    cluster.await("no claims", () -> claims(namespace).isEmpty());
  }

  @Test
  void drainsBeforeItGoesAlsoInForeground() {
    String namespace = cluster.namespace("drains");
    runTwoPods(namespace, 3, 0);

    delete(namespace, DeletionPropagation.FOREGROUND);

    cluster.await(
        "a draining configuration",
        () ->
            cluster
                .effective(namespace, "connector.yaml")
                .contains("bridgehead.dev/drain-from: \"0\""));
    cluster.runPod(namespace, FIRST, 3);
    cluster.runPod(namespace, SECOND, 0);
    cluster.await(
        "a status that says so",
        () ->
            Conditions.find(cluster.bridgehead(namespace).getStatus().conditions(), "Reconciling")
                .filter(condition -> "BeingDeleted".equals(condition.reason()))
                .isPresent());
    assertThat(pod(namespace, FIRST).getMetadata().getDeletionTimestamp()).isNull();

    cluster.runPod(namespace, FIRST, 0);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    assertThat(cluster.objects(namespace)).isEmpty();
    cluster.await("no claims", () -> claims(namespace).isEmpty());
  }

  @Test
  void doesNotTakeTheWordOfARelayThatStillTakesMail() {
    String namespace = cluster.namespace("still-takes-mail");
    runTwoPods(namespace, 0, 0);
    long before = cluster.reconciliations("bridgehead");

    delete(namespace, DeletionPropagation.BACKGROUND);

    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(pod(namespace, FIRST)).isNotNull();
    assertThat(cluster.bridgehead(namespace)).isNotNull();

    cluster.runPod(namespace, FIRST, 0);
    cluster.runPod(namespace, SECOND, 0);
    cluster.await("gone", () -> cluster.connector(namespace) == null);
  }

  @Test
  void restoresTheStatefulSetOfADrainingBridgehead() {
    String namespace = cluster.namespace("drain-restored");
    runTwoPods(namespace, 3, 0);
    delete(namespace, DeletionPropagation.BACKGROUND);
    cluster.await(
        "a draining configuration",
        () ->
            cluster
                .effective(namespace, "connector.yaml")
                .contains("bridgehead.dev/drain-from: \"0\""));

    admin.apps().statefulSets().inNamespace(namespace).withName("internet-edge").delete();

    cluster.await(
        "the StatefulSet again",
        () ->
            cluster.objects(namespace).get("StatefulSet internet-edge") != null
                && pod(namespace, FIRST) != null
                && pod(namespace, FIRST).getStatus().getPodIP() == null
                && pod(namespace, SECOND) != null
                && pod(namespace, SECOND).getStatus().getPodIP() == null);
    cluster.runPod(namespace, FIRST, 0);
    cluster.runPod(namespace, SECOND, 0);
    cluster.await("gone", () -> cluster.connector(namespace) == null);
  }

  @Test
  void retainKeepsVolumesWithMailAndSaysWhich() {
    String namespace = cluster.namespace("retains");
    runTwoPods(namespace, 12, 0);
    cluster.apply(namespace, CONNECTOR.replace("policy: Drain", "policy: Retain"));
    cluster.await(
        "the policy",
        () ->
            cluster
                .bridgehead(namespace)
                .getSpec()
                .deletionOrDefault()
                .policyOrDefault()
                .name()
                .equals("RETAIN"));

    delete(namespace, DeletionPropagation.BACKGROUND);
    cluster.await(
        "a draining configuration",
        () ->
            cluster
                .effective(namespace, "connector.yaml")
                .contains("bridgehead.dev/drain-from: \"0\""));
    cluster.runPod(namespace, FIRST, 12);
    cluster.runPod(namespace, SECOND, 0);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    cluster.await("one claim", () -> claims(namespace).size() == 1);
    PersistentVolumeClaim kept = claim(namespace, FIRST);
    assertThat(kept.getMetadata().getAnnotations()).containsEntry("bridgehead.dev/queued", "12");
    assertThat(admin.events().v1().events().inNamespace(namespace).list().getItems())
        .anySatisfy(
            event -> {
              assertThat(event.getReason()).isEqualTo("VolumesRetained");
              assertThat(event.getNote()).contains("spool-internet-edge-0 (12)");
            });
  }

  @Test
  void leavesAStatefulSetAloneThatSomebodyMadeTheirs() {
    String namespace = cluster.namespace("made-theirs");
    runTwoPods(namespace, 0, 0);
    cluster.apply(namespace, CONNECTOR.replace("timeout: 1h", "timeout: 1s"));
    cluster.await(
        "the timeout",
        () -> "1s".equals(cluster.bridgehead(namespace).getSpec().deletionOrDefault().timeout()));
    admin
        .apps()
        .statefulSets()
        .inNamespace(namespace)
        .withName("internet-edge")
        .edit(
            set -> {
              set.getMetadata().getLabels().remove("bridgehead.dev/connector-uid");
              return set;
            });
    cluster.awaitCondition(namespace, "Accepted", "False");

    delete(namespace, DeletionPropagation.BACKGROUND);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    assertThat(cluster.objects(namespace)).containsOnlyKeys("StatefulSet internet-edge");
    assertThat(pod(namespace, FIRST)).isNotNull();
    assertThat(claim(namespace, FIRST).getMetadata().getAnnotations())
        .containsEntry("bridgehead.dev/queued", "unknown");
  }

  @Test
  void takesUpAVolumeThatAnEarlierConnectorLeft() {
    String namespace = cluster.namespace("taken-up");
    cluster.apply(namespace, EARLIER_CLAIM);

    cluster.apply(namespace, CONNECTOR);

    cluster.await(
        "the marks gone",
        () ->
            !claim(namespace, FIRST)
                .getMetadata()
                .getAnnotations()
                .containsKey("bridgehead.dev/queued"));
  }

  @Test
  void keepsAnEarlierVolumeOfAConnectorThatNeverRanAndDoesNotWaitForIt() {
    String namespace = cluster.namespace("never-ran-kept");
    cluster.apply(namespace, EARLIER_CLAIM);
    cluster.bind(namespace, "spool-internet-edge-0");
    String unresolved =
        CONNECTOR.replace(
                "{mode: DNS}",
                "{mode: SmartHost, smartHosts: [{host: smtp.example.net, port: 587,"
                    + " credentialsRef: {name: nowhere}}]}")
            + "  outbound: {tls: {mode: Verified}}\n";
    cluster.apply(namespace, unresolved);
    cluster.awaitCondition(namespace, "ResolvedRefs", "False");

    delete(namespace, DeletionPropagation.BACKGROUND);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    assertThat(claim(namespace, FIRST).isMarkedForDeletion()).isFalse();
    assertThat(claim(namespace, FIRST).getMetadata().getAnnotations())
        .containsEntry("bridgehead.dev/queued", "unknown");
  }

  @Test
  void letsATerminatingNamespaceGoAtOnce() {
    String namespace = cluster.namespace("terminating");
    runTwoPods(namespace, 3, 3);

    admin.namespaces().withName(namespace).delete();

    cluster.await("gone", () -> admin.namespaces().withName(namespace).get() == null);
  }

  @Test
  void isReadyOnlyWhenARelayReportsTheConfiguration() {
    String namespace = cluster.namespace("ready");
    runTwoPods(namespace, 2, 5);
    cluster.awaitCondition(namespace, "Ready", "True");
    cluster.await(
        "settled",
        () ->
            Conditions.find(cluster.connector(namespace).getStatus().conditions(), "Reconciling")
                .isEmpty());
    SmtpConnector connector = cluster.connector(namespace);
    assertThat(connector.getStatus().bridgeheadsReady()).isEqualTo("1/1");

    cluster.apply(namespace, CONNECTOR + "  postmaster: postmaster@example.com\n");

    cluster.await(
        "not ready, for want of the configuration",
        () ->
            Conditions.find(cluster.connector(namespace).getStatus().conditions(), "Ready")
                .filter(ready -> ready.status().equals("False"))
                .filter(ready -> Conditions.message(ready).contains("no ready pod reports"))
                .isPresent());
    String hash = cluster.effective(namespace, "hash");
    cluster.await("the kubelet woken", () -> configMark(namespace) != null);
    assertThat(configMark(namespace)).as("what everybody may read").isNotEqualTo(hash);
    cluster.runPod(namespace, FIRST, 2);
    cluster.awaitCondition(namespace, "Ready", "True");
  }

  private @Nullable String configMark(String namespace) {
    return pod(namespace, FIRST).getMetadata().getAnnotations().get("bridgehead.dev/config");
  }

  @Test
  void replacesPodsOneAtATimeWhenTheTemplateChanges() {
    String namespace = cluster.namespace("rolls");
    runTwoPods(namespace, 0, 0);
    cluster.awaitCondition(namespace, "Ready", "True");
    String first = pod(namespace, FIRST).getMetadata().getUid();
    String second = pod(namespace, SECOND).getMetadata().getUid();

    cluster.apply(
        namespace, CONNECTOR.replace("replicas: 2", "replicas: 2, virtualServer: {port: 2525}"));

    cluster.await("the last pod replaced", () -> replaced(namespace, SECOND, second));
    long looks = cluster.reconciliations("bridgehead");
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > looks + 2);
    assertThat(replaced(namespace, FIRST, first)).isFalse();

    cluster.runPod(namespace, SECOND, 0);

    cluster.await("the first pod replaced", () -> replaced(namespace, FIRST, first));
  }

  @Test
  void saysWhyAPodCannotBeReplacedYet() {
    String namespace = cluster.namespace("rolls-not");
    runTwoPods(namespace, 0, 0);
    String second = pod(namespace, SECOND).getMetadata().getUid();
    cluster.apply(
        namespace,
        """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: somebodys-own}
        spec:
          minAvailable: 2
          selector: {matchLabels: {app.kubernetes.io/instance: internet}}
        """);

    cluster.apply(
        namespace, CONNECTOR.replace("replicas: 2", "replicas: 2, virtualServer: {port: 2525}"));

    cluster.await(
        "an event",
        () ->
            admin.events().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> "EvictionRefused".equals(event.getReason()))
                .anyMatch(event -> event.getNote().contains(SECOND)));
    assertThat(replaced(namespace, SECOND, second)).isFalse();

    admin
        .policy()
        .v1()
        .podDisruptionBudget()
        .inNamespace(namespace)
        .withName("somebodys-own")
        .delete();

    cluster.await("replaced", () -> replaced(namespace, SECOND, second));
  }

  private static boolean replaced(String namespace, String name, String uid) {
    Pod pod = pod(namespace, name);
    return pod != null && !pod.getMetadata().getUid().equals(uid);
  }

  private static void runTwoPods(String namespace, long firstQueued, long secondQueued) {
    cluster.apply(namespace, CONNECTOR);
    cluster.await("pods", () -> pod(namespace, FIRST) != null && pod(namespace, SECOND) != null);
    cluster.runPod(namespace, FIRST, firstQueued);
    cluster.runPod(namespace, SECOND, secondQueued);
    cluster.awaitCondition(namespace, "Ready", "True");
  }

  private static void delete(String namespace, DeletionPropagation propagation) {
    admin
        .resources(SmtpConnector.class)
        .inNamespace(namespace)
        .withName("internet")
        .withPropagationPolicy(propagation)
        .delete();
  }

  private static List<PersistentVolumeClaim> claims(String namespace) {
    return admin.persistentVolumeClaims().inNamespace(namespace).list().getItems();
  }

  private static PersistentVolumeClaim claim(String namespace, String pod) {
    return admin.persistentVolumeClaims().inNamespace(namespace).withName("spool-" + pod).get();
  }

  private static Pod pod(String namespace, String name) {
    return admin.pods().inNamespace(namespace).withName(name).get();
  }
}
