package dev.bridgehead.operator.model;

import static dev.bridgehead.api.DeletionPolicy.DRAIN;
import static dev.bridgehead.api.DeletionPolicy.RETAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.DeletionPolicy;
import dev.bridgehead.operator.model.Drain.Fate;
import dev.bridgehead.operator.model.Drain.Mail;
import dev.bridgehead.operator.model.Drain.Queued;
import dev.bridgehead.operator.model.Drain.Release;
import dev.bridgehead.operator.model.Drain.Step;
import dev.bridgehead.operator.model.Drain.Unknown;
import dev.bridgehead.operator.model.Drain.Unused;
import dev.bridgehead.operator.model.Drain.Volume;
import dev.bridgehead.operator.model.Drain.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainTest {
  private static final Duration TIMEOUT = Duration.ofHours(1);
  private static final Duration EARLY = Duration.ofSeconds(1);

  @Test
  void waitsWhileMailIsQueued() {
    assertThat(next(DRAIN, EARLY, new Queued(0, 0), new Queued(12, 0))).isInstanceOf(Wait.class);
  }

  @Test
  void waitsForAPodThatDoesNotAnswer() {
    assertThat(next(DRAIN, EARLY, new Queued(0, 0), new Unknown(true)))
        .isEqualTo(
            new Wait(
                "queued mail is delivered before the pods go; 1 pod has not said what it holds"));
  }

  @Test
  void deletesClaimsWhenEveryQueueIsEmpty() {
    assertThat(next(DRAIN, EARLY, new Queued(0, 0), new Queued(0, 0)))
        .isEqualTo(
            new Release(List.of(new Fate("spool-0", false, "0"), new Fate("spool-1", false, "0"))));
  }

  @Test
  void keepsVolumesWithMailAtTheTimeout() {
    assertThat(next(DRAIN, TIMEOUT, new Queued(3, 0), new Unknown(true), new Queued(0, 0)))
        .isEqualTo(
            new Release(
                List.of(
                    new Fate("spool-0", true, "3"),
                    new Fate("spool-1", true, "unknown"),
                    new Fate("spool-2", false, "0"))));
  }

  @Test
  void keepsAVolumeWithDamagedMailAndDoesNotWaitForIt() {
    assertThat(next(DRAIN, EARLY, new Queued(0, 2), new Queued(0, 0)))
        .isEqualTo(
            new Release(
                List.of(new Fate("spool-0", true, "2 damaged"), new Fate("spool-1", false, "0"))));
  }

  @Test
  void waitsForTheRestOfAVolumeWithDamagedMail() {
    assertThat(next(DRAIN, EARLY, new Queued(3, 2))).isInstanceOf(Wait.class);
    assertThat(next(DRAIN, TIMEOUT, new Queued(3, 2)))
        .isEqualTo(new Release(List.of(new Fate("spool-0", true, "3 and 2 damaged"))));
  }

  @Test
  void keepsAVolumeWithoutAPodAndDoesNotWaitForIt() {
    assertThat(next(DRAIN, EARLY, new Unknown(false)))
        .isEqualTo(new Release(List.of(new Fate("spool-0", true, "unknown"))));
  }

  @Test
  void deletesAClaimThatNeverGotAVolume() {
    assertThat(next(DRAIN, EARLY, new Unused()))
        .isEqualTo(new Release(List.of(new Fate("spool-0", false, "0"))));
  }

  @Test
  void retainDoesNotWaitForDeliveries() {
    assertThat(next(RETAIN, Duration.ZERO, new Queued(5, 0), new Queued(0, 0)))
        .isEqualTo(
            new Release(List.of(new Fate("spool-0", true, "5"), new Fate("spool-1", false, "0"))));
  }

  @Test
  void retainWaitsForAnswersForAMomentOnly() {
    assertThat(next(RETAIN, EARLY, new Unknown(true))).isInstanceOf(Wait.class);
    assertThat(next(RETAIN, Drain.RETAIN_GRACE, new Unknown(true)))
        .isEqualTo(new Release(List.of(new Fate("spool-0", true, "unknown"))));
  }

  @Test
  void hasNothingToWaitForWithoutVolumes() {
    assertThat(next(DRAIN, EARLY)).isEqualTo(new Release(List.of()));
  }

  private static Step next(DeletionPolicy policy, Duration waited, Mail... mails) {
    List<Volume> volumes = new ArrayList<>();
    for (int i = 0; i < mails.length; i++) {
      volumes.add(new Volume("spool-" + i, mails[i]));
    }
    return Drain.next(policy, false, waited, TIMEOUT, volumes);
  }
}
