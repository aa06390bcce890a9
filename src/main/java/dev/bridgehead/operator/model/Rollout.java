package dev.bridgehead.operator.model;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Which pod is replaced next after a change of the template: one at a time, never two away. */
public final class Rollout {
  private static final String REVISION = "controller-revision-hash";

  private Rollout() {}

  /**
   * The pod to delete now, if any. Nothing goes while a pod is missing, on its way out, or new and
   * not ready yet: a template that doesn't work stops at its first pod. An old pod that isn't ready
   * goes first: it serves nobody, and a broken template could not be repaired otherwise.
   *
   * @param wanted pods
   * @param pods those that stay: who drains needs no other template
   */
  public static Optional<Pod> next(StatefulSet set, int wanted, List<Pod> pods) {
    if (set.getStatus() == null
        || set.getStatus().getUpdateRevision() == null
        || !Objects.equals(
            set.getStatus().getObservedGeneration(), set.getMetadata().getGeneration())) {
      return Optional.empty();
    }
    String revision = set.getStatus().getUpdateRevision();
    List<Pod> old = pods.stream().filter(pod -> !runs(pod, revision)).toList();
    boolean settled =
        pods.size() >= wanted
            && pods.stream().noneMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null)
            && pods.stream().filter(pod -> runs(pod, revision)).allMatch(Rollout::ready);
    if (old.isEmpty() || !settled) {
      return Optional.empty();
    }
    Comparator<Pod> unreadyFirst = Comparator.comparing(Rollout::ready);
    return old.stream()
        .min(unreadyFirst.thenComparing(pod -> -ordinal(pod.getMetadata().getName())));
  }

  /**
   * Whether a pod is one of ours: the bridgehead's StatefulSet made it. Labels alone prove nothing,
   * anybody can write them; such a pod is not deleted, and is not told the management token.
   */
  public static boolean controls(StatefulSet set, BridgeheadKey key, Pod pod) {
    return ofConnector(set, key)
        && ofConnector(pod, key)
        && BridgeheadKey.resourceName(pod).filter(key.name()::equals).isPresent()
        && pod.getMetadata().getOwnerReferences().stream()
            .anyMatch(
                owner ->
                    Boolean.TRUE.equals(owner.getController())
                        && owner.getUid().equals(set.getMetadata().getUid()));
  }

  /**
   * Whether a pod is one that the bridgehead's StatefulSet takes over: it has none any more, or one
   * that was deleted without its pods.
   *
   * @param set as it is now, where there is one
   */
  public static boolean orphaned(Optional<StatefulSet> set, BridgeheadKey key, Pod pod) {
    return ofConnector(pod, key)
        && !pod.isMarkedForDeletion()
        && pod.getMetadata().getName().equals(key.podName(ordinal(pod)))
        && pod.getMetadata().getOwnerReferences().stream()
            .filter(owner -> Boolean.TRUE.equals(owner.getController()))
            .allMatch(
                owner ->
                    owner.getKind().equals("StatefulSet")
                        && owner.getName().equals(key.name())
                        && set.filter(s -> s.getMetadata().getUid().equals(owner.getUid()))
                            .isEmpty());
  }

  private static boolean ofConnector(HasMetadata object, BridgeheadKey key) {
    return Labels.connectorUid(object).filter(key.connectorUid()::equals).isPresent();
  }

  /** Pods that don't run the current template yet. */
  public static long outdated(StatefulSet set, List<Pod> pods) {
    if (set.getStatus() == null || set.getStatus().getUpdateRevision() == null) {
      return 0;
    }
    return pods.stream().filter(pod -> !runs(pod, set.getStatus().getUpdateRevision())).count();
  }

  /** Whether the kubelet says that a pod is ready, and nobody asked it to go. */
  public static boolean ready(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
  }

  private static boolean runs(Pod pod, String revision) {
    return Labels.label(pod, REVISION).filter(revision::equals).isPresent();
  }

  /** A pod's place in its StatefulSet; -1 where its name has none. */
  public static int ordinal(Pod pod) {
    return ordinal(pod.getMetadata().getName());
  }

  static int ordinal(String podName) {
    String ordinal = podName.substring(podName.lastIndexOf('-') + 1);
    return ordinal.matches("[0-9]{1,6}") ? Integer.parseInt(ordinal) : -1;
  }
}
