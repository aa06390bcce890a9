package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.operator.kube.Events;
import dev.bridgehead.operator.kube.Refusals;
import dev.bridgehead.operator.kube.UidDelete;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.RelayStatefulSet;
import dev.bridgehead.operator.model.ScaleDown;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Larger volumes. Claims are asked to grow. A StatefulSet's claim template can't change, so it is
 * deleted without its pods and made anew, which takes them over: pods to come get the new size.
 */
final class Growth {
  /** What helps is done to a storage class or a quota, and no watch tells of these. */
  static final Duration NEXT_TRY = Duration.ofMinutes(5);

  /** Kubernetes' controller takes pods over within a second; without it nobody would. */
  private static final Duration TAKE_OVER = Duration.ofMinutes(1);

  /** Asks for a claim of that size. */
  @FunctionalInterface
  interface Resize {
    void to(PersistentVolumeClaim claim, Quantity size);
  }

  /**
   * @param wanted what was asked for
   * @param why in the API server's words
   */
  private record Refusal(Quantity wanted, Instant at, String why) {
    boolean holds(Quantity size, Instant now) {
      return wanted.equals(size) && now.isBefore(at.plus(NEXT_TRY));
    }
  }

  private final Resize resize;
  private final Clock clock;
  private final Map<BridgeheadKey, Map<String, Refusal>> refused = new ConcurrentHashMap<>();
  private final Map<BridgeheadKey, Instant> orphanedSince = new ConcurrentHashMap<>();

  Growth(Resize resize, Clock clock) {
    this.resize = resize;
    this.clock = clock;
  }

  static Resize by(KubernetesClient client) {
    return (claim, size) ->
        client
            .resource(claim)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                """
                {"spec": {"resources": {"requests": {"storage": "%s"}}}}
                """
                    .formatted(size));
  }

  /**
   * Lets a bridgehead's claims grow to what its spec says, and tells where they may not.
   *
   * @return why some stay as they are, and what to do; empty where none does
   */
  Optional<String> keep(Bridgehead bridgehead, List<PersistentVolumeClaim> claims, Events events) {
    Optional<String> small =
        claims(
            BridgeheadKey.of(bridgehead),
            claims,
            bridgehead.getSpec().storageOrDefault().sizeOrDefault());
    small.ifPresent(
        why ->
            events.warning(
                Subjects.connectorOf(bridgehead),
                "VolumeNotExpanded",
                Subjects.occasion(bridgehead),
                why));
    return small;
  }

  /**
   * Asks for larger claims where the spec does. One that is not bound can't grow; that it is bound
   * is seen by a watch.
   *
   * @return why some stay as they are, and what to do; empty where none does
   */
  Optional<String> claims(BridgeheadKey key, List<PersistentVolumeClaim> claims, Quantity wanted) {
    Map<String, Refusal> before = refused.getOrDefault(key, Map.of());
    Map<String, Refusal> now = new TreeMap<>();
    for (PersistentVolumeClaim claim : claims) {
      if (bound(claim) && less(request(claim), wanted)) {
        String name = claim.getMetadata().getName();
        Optional.ofNullable(before.get(name))
            .filter(refusal -> refusal.holds(wanted, clock.instant()))
            .or(() -> grow(claim, wanted))
            .ifPresent(refusal -> now.put(name, refusal));
      }
    }
    if (now.isEmpty()) {
      refused.remove(key);
      return Optional.empty();
    }
    refused.put(key, now);
    return Optional.of(
        """
        claims that stay smaller than spec.storage.size (%s): %s. The API server says: %s. \
        Let their storage class expand volumes (allowVolumeExpansion), if its driver can; else add \
        an entry to spec.bridgeheads, whose volumes are made that large, and take this one out: it \
        drains. It is tried again every %d minutes\
        """
            .formatted(
                wanted,
                String.join(", ", now.keySet()),
                now.values().iterator().next().why(),
                NEXT_TRY.toMinutes()));
  }

  private Optional<Refusal> grow(PersistentVolumeClaim claim, Quantity wanted) {
    try {
      resize.to(claim, wanted);
      return Optional.empty();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty(); // somebody deleted it meanwhile
      }
      return Optional.of(
          new Refusal(wanted, clock.instant(), Refusals.lasting(e).orElseThrow(() -> e)));
    }
  }

  private static boolean bound(PersistentVolumeClaim claim) {
    return claim.getStatus() != null
        && "Bound".equals(claim.getStatus().getPhase())
        && !claim.isMarkedForDeletion();
  }

  private static Optional<Quantity> request(PersistentVolumeClaim claim) {
    return Optional.ofNullable(claim.getSpec().getResources().getRequests().get("storage"));
  }

  private static boolean less(Optional<Quantity> size, Quantity wanted) {
    return size.filter(s -> s.getNumericalAmount().compareTo(wanted.getNumericalAmount()) < 0)
        .isPresent();
  }

  /**
   * Whether the StatefulSet is to be made anew: its template is smaller than the spec, and all is
   * calm. Nothing drains, no pod is missing, new or on its way: whoever makes the next StatefulSet
   * may know only the wanted number.
   *
   * @param pods of this StatefulSet
   */
  static boolean due(Bridgehead bridgehead, StatefulSet set, ScaleDown scale, List<Pod> pods) {
    return less(
            RelayStatefulSet.claimTemplateSize(set),
            bridgehead.getSpec().storageOrDefault().sizeOrDefault())
        && !set.isMarkedForDeletion()
        && scale.drainFrom().isEmpty()
        && set.getSpec().getReplicas() == scale.wanted()
        && pods.size() == scale.wanted()
        && pods.stream().noneMatch(HasMetadata::isMarkedForDeletion);
  }

  /**
   * Deletes the StatefulSet and leaves its pods, where it is still as it was seen. That it is gone
   * is seen by a watch; then it is made again like any that is missing, by whoever leads then.
   */
  static void replace(
      KubernetesClient client, Bridgehead bridgehead, StatefulSet set, Events events) {
    if (UidDelete.orphaning(client, set)) {
      events.normal(
          Subjects.connectorOf(bridgehead),
          "StatefulSetReplaced",
          set.getMetadata().getUid(),
          "StatefulSet %s is made anew with claims of %s for pods to come; its pods run on"
              .formatted(
                  set.getMetadata().getName(),
                  bridgehead.getSpec().storageOrDefault().sizeOrDefault()));
    }
  }

  /**
   * Whether pods wait to be taken over. Nothing is known of them meanwhile, which says nothing
   * about them.
   *
   * @param orphans whether there are pods of ours without a StatefulSet
   */
  boolean takesOver(BridgeheadKey key, boolean orphans) {
    if (!orphans) {
      orphanedSince.remove(key);
      return false;
    }
    Instant now = clock.instant();
    return now.isBefore(orphanedSince.computeIfAbsent(key, k -> now).plus(TAKE_OVER));
  }

  void forget(BridgeheadKey key) {
    refused.remove(key);
    orphanedSince.remove(key);
  }
}
