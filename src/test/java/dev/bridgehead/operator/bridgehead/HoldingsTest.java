package dev.bridgehead.operator.bridgehead;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.operator.bridgehead.RelayObjects.Running;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.Drain;
import dev.bridgehead.operator.model.EffectiveConfig;
import dev.bridgehead.operator.model.PodState;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What counts as an empty volume. */
class HoldingsTest {
  private static final BridgeheadKey KEY = new BridgeheadKey("mail", "c", "uid", "edge");
  private static final EffectiveConfig NOW = new EffectiveConfig("drain: second");
  private static final EffectiveConfig BEFORE = new EffectiveConfig("drain: first");
  private static final Drain.Mail EMPTY = new Drain.Queued(0, 0);
  private static final Drain.Mail NOBODY_KNOWS = new Drain.Unknown(true);

  @Test
  void aRelayIsEmptyThatSaysSoOfThisConfiguration() {
    assertThat(mail(seen(state(NOW, 0, PodState.Draining.EMPTY)), claim("Bound"))).isEqualTo(EMPTY);
  }

  @Test
  void anEmptyOfAnEarlierDrainIsNone() {
    assertThat(mail(seen(state(BEFORE, 0, PodState.Draining.EMPTY)), claim("Bound")))
        .isEqualTo(NOBODY_KNOWS);
  }

  @Test
  void noMailInARelayThatMayStillTakeSomeIsNone() {
    assertThat(mail(seen(state(NOW, 0, PodState.Draining.DRAINING)), claim("Bound")))
        .isEqualTo(NOBODY_KNOWS);
  }

  @Test
  void whatARelaySaidAMomentAgoIsNone() {
    SeenPod silent =
        new SeenPod(pod(), Optional.empty(), Optional.of(state(NOW, 0, PodState.Draining.EMPTY)));

    assertThat(mail(silent, claim("Bound"))).isEqualTo(NOBODY_KNOWS);
  }

  @Test
  void aVolumeThatWasBoundHasMailUntilItsRelaySaysOtherwise() {
    assertThat(mail(null, claim("Bound"))).isEqualTo(NOBODY_KNOWS);
    assertThat(mail(null, claim("Lost"))).isEqualTo(NOBODY_KNOWS);
  }

  @Test
  void aClaimThatWasNeverBoundHasNoneButForARelayThatAnswers() {
    assertThat(mail(null, claim("Pending"))).isEqualTo(new Drain.Unused());
    assertThat(mail(seen(state(NOW, 7, PodState.Draining.NONE)), claim("Pending")))
        .isEqualTo(new Drain.Queued(7, 0));
  }

  /** Until its pod goes, its mail can be delivered; after that it is gone. */
  @Test
  void nothingIsDecidedAboutAClaimThatSomebodyDeletes() {
    PersistentVolumeClaim deleted = claim("Bound");
    deleted.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");

    assertThat(Volumes.decided(List.of(deleted), "uid")).isFalse();
    assertThat(mail(null, deleted)).isEqualTo(NOBODY_KNOWS);
    assertThat(mail(seen(state(NOW, 0, PodState.Draining.EMPTY)), deleted)).isEqualTo(EMPTY);
  }

  private static Drain.Mail mail(@Nullable SeenPod pod, PersistentVolumeClaim claim) {
    Holdings holdings =
        new Holdings(
            KEY,
            "by",
            1,
            pod == null ? List.of() : List.of(pod),
            Optional.of(new Running(NOW, "token")));
    return holdings.of(0, List.of(claim)).mail();
  }

  private static SeenPod seen(PodState state) {
    return new SeenPod(pod(), Optional.of(state));
  }

  private static PodState state(EffectiveConfig config, long queued, PodState.Draining drain) {
    return new PodState(
        config.hash(), 1, false, queued, null, 0, List.of(), List.of(), List.of(), null, drain);
  }

  private static Pod pod() {
    return new PodBuilder().withNewMetadata().withName("c-edge-0").endMetadata().build();
  }

  /** Without labels, which must not matter. */
  private static PersistentVolumeClaim claim(String phase) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName("spool-c-edge-0")
        .endMetadata()
        .withNewStatus()
        .withPhase(phase)
        .endStatus()
        .build();
  }
}
