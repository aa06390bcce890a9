package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static final BridgeheadKey KEY =
      new BridgeheadKey("mail", "internet", "connector-uid", "edge");

  @Test
  void replacesNothingWhereAllPodsAreCurrent() {
    assertThat(next(pod(0, "new", true), pod(1, "new", true))).isEmpty();
  }

  @Test
  void beginsWithTheLastPod() {
    assertThat(next(pod(0, "old", true), pod(1, "old", true))).contains("c-b-1");
  }

  @Test
  void comparesOrdinalsAsNumbers() {
    assertThat(nextOf(set(2, 1), pod(2, "old", true), pod(10, "old", true))).contains("c-b-10");
  }

  @Test
  void waitsUntilTheReplacedPodIsReady() {
    assertThat(next(pod(0, "old", true), pod(1, "new", false))).isEmpty();
    assertThat(next(pod(0, "old", true), pod(1, "new", true))).contains("c-b-0");
  }

  @Test
  void waitsWhileAPodIsMissing() {
    assertThat(next(pod(0, "old", true))).isEmpty();
  }

  @Test
  void waitsWhileAPodIsOnItsWayOut() {
    Pod leaving = pod(1, "old", true);
    leaving.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");

    assertThat(next(pod(0, "old", true), leaving)).isEmpty();
  }

  @Test
  void takesABrokenOldPodFirst() {
    assertThat(next(pod(0, "old", false), pod(1, "old", true))).contains("c-b-0");
  }

  @Test
  void waitsUntilTheStatefulSetControllerHasSeenTheTemplate() {
    assertThat(nextOf(set(2, 0), pod(0, "old", true), pod(1, "old", true))).isEmpty();
  }

  @Test
  void ownsThePodsOfItsStatefulSetOnly() {
    StatefulSet set = labelled(set(1, 1));

    assertThat(controls(set, owned(KEY.labels(), "set-uid", true))).isTrue();
    assertThat(controls(set, owned(KEY.labels(), "other-uid", true))).isFalse();
    assertThat(controls(set, owned(KEY.labels(), "set-uid", false))).isFalse();
    assertThat(controls(set, owned(KEY.selector(), "set-uid", true))).isFalse();
    assertThat(
            controls(
                set,
                owned(
                    new BridgeheadKey("mail", "internet", "another-uid", "edge").labels(),
                    "set-uid",
                    true)))
        .isFalse();
    assertThat(controls(set, new PodBuilder(pod(0, "new", true)).build())).isFalse();
  }

  @Test
  void ownsNoPodsThroughTheStatefulSetOfAStranger() {
    StatefulSet stranger = labelled(set(1, 1));
    stranger.getMetadata().getLabels().put(Labels.CONNECTOR_UID, "another-uid");

    assertThat(controls(stranger, owned(KEY.labels(), "set-uid", true))).isFalse();
  }

  @Test
  void aPodThatLostItsStatefulSetIsTakenOverByTheNextOne() {
    Pod bare = new PodBuilder(owned(KEY.labels(), "old-uid", true)).build();
    bare.getMetadata().setOwnerReferences(List.of());
    Pod of = owned(KEY.labels(), "set-uid", true);
    Optional<StatefulSet> set = Optional.of(labelled(set(1, 1)));

    assertThat(Rollout.orphaned(set, KEY, bare)).isTrue();
    assertThat(Rollout.orphaned(Optional.empty(), KEY, bare)).isTrue();
    assertThat(Rollout.orphaned(set, KEY, of)).isFalse();
    assertThat(Rollout.orphaned(Optional.empty(), KEY, of)).isTrue(); // it is deleted, they not yet
    assertThat(Rollout.orphaned(set, KEY, owned(KEY.labels(), "old-uid", true))).isTrue();
  }

  @Test
  void noOtherPodIsTakenOver() {
    Pod strangers = owned(KEY.labels(), "old-uid", true);
    strangers.getMetadata().getOwnerReferences().getFirst().setKind("ReplicaSet");
    Pod going = owned(KEY.labels(), "old-uid", true);
    going.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
    Pod named = owned(KEY.labels(), "old-uid", true);
    named.getMetadata().setName("internet-edge-debug");

    for (Pod pod : List.of(strangers, going, named, owned(KEY.selector(), "old-uid", true))) {
      assertThat(Rollout.orphaned(Optional.empty(), KEY, pod)).isFalse();
    }
  }

  private static boolean controls(StatefulSet set, Pod pod) {
    return Rollout.controls(set, KEY, pod);
  }

  private static StatefulSet labelled(StatefulSet set) {
    set.getMetadata().setUid("set-uid");
    set.getMetadata().setLabels(KEY.labels());
    return set;
  }

  private static Pod owned(Map<String, String> labels, String owner, boolean controller) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("internet-edge-0")
        .withLabels(labels)
        .addNewOwnerReference()
        .withKind("StatefulSet")
        .withName("internet-edge")
        .withUid(owner)
        .withController(controller)
        .endOwnerReference()
        .endMetadata()
        .build();
  }

  private static Optional<String> next(Pod... pods) {
    return nextOf(set(2, 1), pods);
  }

  private static Optional<String> nextOf(StatefulSet set, Pod... pods) {
    return Rollout.next(set, set.getSpec().getReplicas(), List.of(pods))
        .map(pod -> pod.getMetadata().getName());
  }

  /** Generation 1. */
  private static StatefulSet set(int replicas, long observed) {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withGeneration(1L)
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(observed)
        .withUpdateRevision("new")
        .endStatus()
        .build();
  }

  private static Pod pod(int ordinal, String revision, boolean ready) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("c-b-" + ordinal)
        .addToLabels("controller-revision-hash", revision)
        .endMetadata()
        .withNewStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready ? "True" : "False")
        .endCondition()
        .endStatus()
        .build();
  }
}
