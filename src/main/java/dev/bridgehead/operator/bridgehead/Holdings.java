package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.operator.bridgehead.RelayObjects.Running;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.Drain;
import dev.bridgehead.operator.model.PodState;
import dev.bridgehead.operator.model.Rollout;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is on a bridgehead's volumes, as far as anybody can say now.
 *
 * @param scaleDown by which its scale-downs sign what they decide
 * @param standing pods that its StatefulSet keeps
 * @param pods with what their relays answered
 * @param running what the relays should run; empty where there never was a good configuration
 */
record Holdings(
    BridgeheadKey key,
    String scaleDown,
    int standing,
    List<SeenPod> pods,
    Optional<Running> running) {

  /**
   * Every volume there is reason to think of: that of each claim, and that of each pod whose claim
   * is not among them.
   *
   * @param claims those that carry the bridgehead's labels, and whatever the pods that stand use
   */
  List<Drain.Volume> of(List<PersistentVolumeClaim> claims) {
    Set<Integer> ordinals = new TreeSet<>();
    claims.forEach(claim -> key.claimOrdinal(name(claim)).ifPresent(ordinals::add));
    pods.stream()
        .map(seen -> Rollout.ordinal(seen.pod()))
        .filter(ordinal -> ordinal >= 0)
        .forEach(ordinals::add);
    return ordinals.stream().map(ordinal -> of(ordinal, claims)).toList();
  }

  /**
   * The volume of one pod.
   *
   * @param claims those that carry the bridgehead's labels, and whatever the pods that stand use
   */
  Drain.Volume of(int ordinal, List<PersistentVolumeClaim> claims) {
    String name = key.claimName(ordinal);
    return new Drain.Volume(
        name,
        claims.stream()
            .filter(claim -> name(claim).equals(name))
            .findFirst()
            .map(claim -> mail(ordinal, claim))
            .orElseGet(() -> mailWithoutClaim(ordinal)));
  }

  private static String name(PersistentVolumeClaim claim) {
    return claim.getMetadata().getName();
  }

  private Drain.Mail mailWithoutClaim(int ordinal) {
    return pod(ordinal).isPresent() ? said(ordinal) : new Drain.Unused();
  }

  private Drain.Mail mail(int ordinal, PersistentVolumeClaim claim) {
    boolean bound = claim.getStatus() == null || !"Pending".equals(claim.getStatus().getPhase());
    if (!bound && pod(ordinal).flatMap(SeenPod::state).isEmpty()) {
      return new Drain.Unused();
    }
    if (ordinal >= standing) {
      return Volumes.foundEmpty(claim, scaleDown)
          ? new Drain.Queued(0, 0)
          : new Drain.Unknown(false);
    }
    return said(ordinal);
  }

  /** "Empty" counts only from a relay that no longer takes mail. */
  private Drain.Mail said(int ordinal) {
    return pod(ordinal)
        .flatMap(SeenPod::state)
        .filter(state -> state.queued() > 0 || drained(state))
        .<Drain.Mail>map(state -> new Drain.Queued(state.queued(), state.quarantined()))
        // Without a configuration or pods there never was a relay that could say more.
        .orElse(new Drain.Unknown(running.isPresent() || !pods.isEmpty()));
  }

  private Optional<SeenPod> pod(int ordinal) {
    return pods.stream()
        .filter(seen -> seen.pod().getMetadata().getName().equals(key.podName(ordinal)))
        .findFirst();
  }

  private boolean drained(PodState state) {
    return state.drain() == PodState.Draining.EMPTY
        && running.filter(r -> r.config().hash().equals(state.hash())).isPresent();
  }
}
