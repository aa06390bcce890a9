package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Conditions;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fewer pods: a real API server and its controllers, the test in the place of a node and of the
 * relays.
 */
@Tag("tier2")
class ScaleDownIT extends ThreePodsTestBase {
  @Test
  void keepsEveryPodUntilItsRelayIsEmptyTheHighestGoesFirst() {
    String namespace = threePods("scales-down", 0, 5, 7);

    scale(namespace, 1);

    awaitDraining(namespace);
    run(namespace, 0, 0);
    run(namespace, 1, 5);
    run(namespace, 2, 0);
    cluster.await("the empty one gone", () -> set(namespace).getSpec().getReplicas() == 2);
    assertThat(pod(namespace, 1)).isNotNull();
    cluster.awaitCondition(namespace, "Ready", "True");
    cluster.await(
        "a condition that names the one that drains",
        () ->
            Conditions.find(cluster.connector(namespace).getStatus().conditions(), "Draining")
                .filter(condition -> condition.status().equals("True"))
                .filter(condition -> Conditions.message(condition).contains("internet-edge-1"))
                .isPresent());

    run(namespace, 1, 0);

    cluster.await("one replica", () -> set(namespace).getSpec().getReplicas() == 1);
    cluster.await("claims of the others gone", () -> claims(namespace).size() == 1);
    cluster.awaitCondition(namespace, "Draining", "False");
    assertThat(cluster.effective(namespace, "connector.yaml")).doesNotContain("drain-from");
  }

  @Test
  void doesNotTakeTheWordOfARelayThatStillTakesMail() {
    String namespace = threePods("scale-word", 0, 0, 0);
    long before = cluster.reconciliations("bridgehead");

    scale(namespace, 1);

    awaitDraining(namespace);
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);
  }

  @Test
  void waitsForTheRelayOfAClaimThatLostItsLabels() {
    String namespace = threePods("scale-labels", 0, 0, 7);
    takeLabelsOff(namespace, 2);
    long before = cluster.reconciliations("bridgehead");

    scale(namespace, 2);

    cluster.await(
        "a draining configuration",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"2\""));
    run(namespace, 2, 7);
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);

    run(namespace, 2, 0);

    cluster.await("two replicas", () -> set(namespace).getSpec().getReplicas() == 2);
    assertThat(claim(namespace, 2).isMarkedForDeletion()).isFalse();
  }

  @Test
  void waitsForAClaimThatLostItsLabelsAlsoWhileItsPodIsAway() {
    String namespace = threePods("scale-away", 0, 0, 7);
    takeLabelsOff(namespace, 2);
    cluster.apply(
        namespace,
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: no-more}
        spec: {hard: {pods: "0"}}
        """);
    admin.resource(pod(namespace, 2)).withGracePeriod(0).delete();
    cluster.await("the pod away", () -> pod(namespace, 2) == null);
    long before = cluster.reconciliations("bridgehead");

    scale(namespace, 2);

    cluster.await(
        "a draining configuration",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"2\""));
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);
    admin.resourceQuotas().inNamespace(namespace).withName("no-more").delete();
  }

  @Test
  void deletionWaitsForClaimsThatLostTheirLabelsAndLeavesThem() {
    String namespace = threePods("delete-labels", 3, 0, 0);
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      takeLabelsOff(namespace, ordinal);
    }

    cluster.deleteConnector(namespace);

    cluster.await(
        "all drain",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"0\""));
    run(namespace, 0, 3);
    run(namespace, 1, 0);
    run(namespace, 2, 0);
    long before = cluster.reconciliations("bridgehead");
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(pod(namespace, 0)).isNotNull();

    run(namespace, 0, 0);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    assertThat(claims(namespace)).hasSize(3).noneMatch(claim -> claim.isMarkedForDeletion());
  }

  private static void takeLabelsOff(String namespace, int ordinal) {
    admin
        .resource(claim(namespace, ordinal))
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"labels\": null}}");
  }

  @ParameterizedTest
  @CsvSource({"7, 7", "0, unknown"})
  void aDecisionThatIsMadeAgainForgetsNoFigureButNeverRestsOnNone(String before, String after) {
    String namespace = threePods("scale-decided-" + before, 0, 0, 7);
    scale(namespace, 2);
    cluster.await(
        "a draining configuration",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"2\""));
    cluster.relaySilent(pod(namespace, 2).getStatus().getPodIP());
    String uid = cluster.bridgehead(namespace).getMetadata().getUid();
    admin
        .resource(claim(namespace, 2))
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            """
            {"metadata": {"annotations":
              {"bridgehead.dev/queued": "%s", "bridgehead.dev/released-by": "%s/scale-down"}}}
            """
                .formatted(before, uid));

    force(namespace);

    cluster.await("two replicas", () -> set(namespace).getSpec().getReplicas() == 2);
    cluster.await("the pod gone", () -> pod(namespace, 2) == null);
    long looks = cluster.reconciliations("bridgehead");
    scale(namespace, 1); // whatever is decided next has nothing to do with it
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > looks + 3);
    assertThat(claim(namespace, 2).isMarkedForDeletion()).isFalse();
    assertThat(claim(namespace, 2).getMetadata().getAnnotations())
        .containsEntry("bridgehead.dev/queued", after);
  }

  private static void force(String namespace) {
    admin
        .resources(Bridgehead.class)
        .inNamespace(namespace)
        .withName("internet-edge")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": {\"bridgehead.dev/force\": \"true\"}}}");
  }

  @Test
  void canBeTakenBack() {
    String namespace = threePods("scale-back", 0, 5, 7);
    scale(namespace, 1);
    awaitDraining(namespace);

    scale(namespace, 3);

    cluster.await(
        "nobody drains",
        () -> !cluster.effective(namespace, "connector.yaml").contains("drain-from"));
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);
    assertThat(claims(namespace)).hasSize(3);
  }

  @Test
  void anEmptyOfADrainThatWasTakenBackDoesNotCountForTheNext() {
    String namespace = threePods("scale-again", 0, 0, 0);
    scale(namespace, 1);
    awaitDraining(namespace);
    String first = cluster.effective(namespace, "hash");
    run(namespace, 1, 0);
    run(namespace, 2, 7); // so that none goes
    scale(namespace, 3);
    cluster.await(
        "nobody drains",
        () -> !cluster.effective(namespace, "connector.yaml").contains("drain-from"));

    scale(namespace, 1);

    awaitDraining(namespace);
    assertThat(cluster.effective(namespace, "hash")).isNotEqualTo(first);
    long before = cluster.reconciliations("bridgehead");
    for (int ordinal = 1; ordinal < 3; ordinal++) {
      cluster.relayRuns(pod(namespace, ordinal).getStatus().getPodIP(), first, 0);
    }
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);

    run(namespace, 1, 0);
    run(namespace, 2, 0);

    cluster.await("one replica", () -> set(namespace).getSpec().getReplicas() == 1);
  }

  @Test
  void endsTheWaitWhereSomebodySaysSoAndKeepsTheVolume() {
    String namespace = threePods("scale-forced", 0, 0, 7);
    scale(namespace, 2);
    cluster.await(
        "a draining configuration",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"2\""));
    run(namespace, 2, 7);

    force(namespace);

    cluster.await("two replicas", () -> set(namespace).getSpec().getReplicas() == 2);
    cluster.await(
        "a status that names the volume",
        () ->
            List.of("spool-internet-edge-2")
                .equals(cluster.bridgehead(namespace).getStatus().retainedVolumes()));
    assertThat(claim(namespace, 2).getMetadata().getAnnotations())
        .containsEntry("bridgehead.dev/queued", "7");
    assertThat(claim(namespace, 2).isMarkedForDeletion()).isFalse();

    scale(namespace, 3);

    cluster.await(
        "the volume taken up again",
        () ->
            !claim(namespace, 2)
                .getMetadata()
                .getAnnotations()
                .containsKey("bridgehead.dev/queued"));
  }

  @Test
  void aForceOnTheConnectorEndsTheWaitOfItsDeletion() {
    String namespace = threePods("delete-forced", 0, 0, 7);
    cluster.deleteConnector(namespace);
    cluster.await(
        "all drain",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"0\""));
    run(namespace, 0, 0);
    run(namespace, 1, 0);
    run(namespace, 2, 7);

    annotateConnector(namespace, "bridgehead.dev/force");

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    cluster.await("one claim left", () -> claims(namespace).size() == 1);
    assertThat(claim(namespace, 2).getMetadata().getAnnotations())
        .containsEntry("bridgehead.dev/queued", "7");
  }

  @Test
  void aPausedConnectorIsNotChanged() {
    String namespace = threePods("paused", 0, 0, 0);
    annotateConnector(namespace, "bridgehead.dev/paused");
    awaitPaused(namespace);
    long before = cluster.reconciliations("bridgehead");

    scale(namespace, 1);

    cluster.await("a look at it", () -> cluster.reconciliations("bridgehead") > before);
    assertThat(cluster.effective(namespace, "connector.yaml")).doesNotContain("drain-from");

    annotateConnector(namespace, "bridgehead.dev/paused", "null");

    awaitDraining(namespace);
  }

  private static void awaitPaused(String namespace) {
    cluster.await(
        "the Bridgehead paused too",
        () -> {
          var annotations = cluster.bridgehead(namespace).getMetadata().getAnnotations();
          return annotations != null && annotations.containsKey("bridgehead.dev/paused");
        });
  }

  private static void annotateConnector(String namespace, String key) {
    annotateConnector(namespace, key, "\"true\"");
  }

  /**
   * @param value as JSON; null takes it off
   */
  private static void annotateConnector(String namespace, String key, String value) {
    admin
        .resources(SmtpConnector.class)
        .inNamespace(namespace)
        .withName("internet")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": {\"%s\": %s}}}".formatted(key, value));
  }

  @ParameterizedTest
  @EnumSource(
      value = DeletionPropagation.class,
      names = {"ORPHAN", "BACKGROUND"})
  void aStatefulSetThatIsMissingIsMadeAgainWithAllPodsThatHaveYetToDrain(DeletionPropagation how) {
    String namespace = threePods("scale-missing-" + how.ordinal(), 0, 5, 7);
    annotateConnector(namespace, "bridgehead.dev/paused"); // so that nobody makes it again yet
    awaitPaused(namespace);
    admin
        .apps()
        .statefulSets()
        .inNamespace(namespace)
        .withName("internet-edge")
        .withPropagationPolicy(how)
        .delete();
    cluster.await("none", () -> set(namespace) == null);
    scale(namespace, 1);

    annotateConnector(namespace, "bridgehead.dev/paused", "null");

    cluster.await("another", () -> set(namespace) != null);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);
    awaitDraining(namespace);
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      awaitPodOf(namespace, ordinal, set(namespace).getMetadata().getUid());
    }
    run(namespace, 0, 0);
    run(namespace, 1, 5);
    run(namespace, 2, 7);
    long before = cluster.reconciliations("bridgehead");
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);

    run(namespace, 1, 0);
    run(namespace, 2, 0);

    cluster.await("one replica", () -> set(namespace).getSpec().getReplicas() == 1);
  }

  private static void awaitPodOf(String namespace, int ordinal, String set) {
    cluster.await(
        "a pod of the new one",
        () -> {
          Pod pod = pod(namespace, ordinal);
          return pod != null
              && !pod.isMarkedForDeletion()
              && pod.getMetadata().getOwnerReferences().stream()
                  .anyMatch(owner -> owner.getUid().equals(set));
        });
  }

  @Test
  void deletionInTheMiddleOfAScaleDownWaitsForEveryPod() {
    String namespace = threePods("scale-deleted", 0, 5, 7);
    scale(namespace, 1);
    awaitDraining(namespace);

    cluster.deleteConnector(namespace);

    cluster.await(
        "all drain",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"0\""));
    run(namespace, 0, 0);
    run(namespace, 1, 0);
    run(namespace, 2, 7);
    long before = cluster.reconciliations("bridgehead");
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(pod(namespace, 2)).isNotNull();

    run(namespace, 2, 0);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    cluster.await("no claims", () -> claims(namespace).isEmpty());
  }
}
