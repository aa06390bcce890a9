package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.DeletionPolicy;
import dev.bridgehead.operator.kube.Events;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.Drain;
import dev.bridgehead.operator.model.Drain.Fate;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.ScaleDown;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pods beyond the wanted number: they stay until their relays say that nothing is left, the
 * highest ordinal first; then their claims go. Every decision is on the claim before a pod goes, so
 * that an operator that restarts carries on.
 */
final class Surplus {
  /** A scale-down has all the time that its mail needs. */
  private static final Duration WITHOUT_END = Duration.ofSeconds(Long.MAX_VALUE);

  private final Volumes volumes;
  private final Events events;

  Surplus(Volumes volumes, Events events) {
    this.volumes = volumes;
    this.events = events;
  }

  /**
   * How many pods the StatefulSet should keep now: fewer than before only where those above have
   * nothing left, or where somebody ended the wait. What becomes of their claims is written on
   * them.
   */
  int keep(Bridgehead bridgehead, ScaleDown scale, Holdings holdings) {
    if (!scale.pending()) {
      return scale.wanted();
    }
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    List<PersistentVolumeClaim> claims = volumes.now(key, scale.standing());
    List<Fate> fates = new ArrayList<>();
    int standing = scale.standing();
    while (standing > scale.wanted()) {
      Optional<Fate> fate = fate(bridgehead, holdings.of(standing - 1, claims));
      if (fate.isEmpty()) {
        break;
      }
      fates.add(fate.get());
      standing--;
    }
    volumes.mark(Volumes.byScaleDown(bridgehead), fates, claims);
    tell(bridgehead, scale, standing, fates);
    return standing;
  }

  private static Optional<Fate> fate(Bridgehead bridgehead, Drain.Volume volume) {
    Drain.Step step =
        Drain.next(
            DeletionPolicy.DRAIN, forced(bridgehead), Duration.ZERO, WITHOUT_END, List.of(volume));
    return step instanceof Drain.Release(List<Fate> fates)
        ? Optional.of(fates.getFirst())
        : Optional.empty();
  }

  /** Whether somebody ended the wait for mail that can't be delivered; volumes with mail stay. */
  static boolean forced(Bridgehead bridgehead) {
    return Labels.isTrue(bridgehead, Labels.FORCE);
  }

  private void tell(Bridgehead bridgehead, ScaleDown scale, int standing, List<Fate> fates) {
    Events.Subject subject = Subjects.connectorOf(bridgehead);
    String name = bridgehead.getMetadata().getName();
    String occasion =
        bridgehead.getMetadata().getUid() + " " + scale.standing() + " " + scale.wanted();
    if (fates.isEmpty()) {
      events.normal(
          subject,
          "ScalingDown",
          occasion,
          "%s: pods from %s-%d on drain and hand over to those below, then they go"
              .formatted(name, name, scale.wanted()));
      return;
    }
    List<String> kept =
        fates.stream().filter(Fate::keep).map(f -> f.claim() + " (" + f.queued() + ")").toList();
    events.normal(
        subject,
        "ScaledDown",
        occasion + " " + standing,
        "%s: %d pods drained, %d stay".formatted(name, fates.size(), standing));
    if (!kept.isEmpty()) {
      events.warning(
          subject,
          "VolumesRetained",
          occasion + " " + standing,
          "these claims keep mail (messages on them): %s. More replicas take them up again"
              .formatted(String.join(", ", kept)));
    }
  }

  /**
   * Deletes the claims whose pods have gone and left nothing.
   *
   * @param standing pods that the StatefulSet keeps
   */
  void clear(
      Bridgehead bridgehead, int standing, List<PersistentVolumeClaim> claims, List<Pod> pods) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    for (PersistentVolumeClaim claim : claims) {
      int ordinal = key.claimOrdinal(claim.getMetadata().getName()).orElse(0);
      boolean inUse =
          ordinal < standing
              || pods.stream()
                  .anyMatch(pod -> pod.getMetadata().getName().equals(key.podName(ordinal)));
      if (!inUse && Volumes.foundEmpty(claim, Volumes.byScaleDown(bridgehead))) {
        volumes.delete(claim, key.podName(ordinal));
      }
    }
  }
}
