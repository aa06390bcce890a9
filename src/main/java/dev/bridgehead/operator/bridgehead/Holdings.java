package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.operator.bridgehead.RelayObjects.Running;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.Drain;
import dev.bridgehead.operator.model.PodState;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Optional;

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

  Drain.Volume of(PersistentVolumeClaim claim) {
    return new Drain.Volume(claim.getMetadata().getName(), mail(claim));
  }

  private Drain.Mail mail(PersistentVolumeClaim claim) {
    if (claim.getStatus() != null && "Pending".equals(claim.getStatus().getPhase())) {
      return new Drain.Unused();
    }
    int ordinal = key.claimOrdinal(claim.getMetadata().getName()).orElse(Integer.MAX_VALUE);
    if (ordinal >= standing) {
      return Volumes.foundEmpty(claim, scaleDown)
          ? new Drain.Queued(0, 0)
          : new Drain.Unknown(false);
    }
    return state(ordinal)
        .<Drain.Mail>map(s -> new Drain.Queued(s.queued(), s.quarantined()))
        // Without a configuration or pods there never was a relay that could say more.
        .orElse(new Drain.Unknown(running.isPresent() || !pods.isEmpty()));
  }

  /** "Empty" counts only from a relay that no longer takes mail. */
  private Optional<PodState> state(int ordinal) {
    return pods.stream()
        .filter(seen -> seen.pod().getMetadata().getName().equals(key.podName(ordinal)))
        .findFirst()
        .flatMap(SeenPod::state)
        .filter(state -> state.queued() > 0 || drained(state));
  }

  private boolean drained(PodState state) {
    return state.drain() == PodState.Draining.EMPTY
        && running.filter(r -> r.config().hash().equals(state.hash())).isPresent();
  }
}
