package dev.bridgehead.operator.election;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FenceTest {
  private static final Duration TERM = Duration.ofSeconds(10);

  private final TwoClocks clocks = new TwoClocks();
  private final Fence fence = new Fence(clocks);

  @Test
  void isShutBeforeAnybodyOpensIt() {
    assertThat(fence.open()).isFalse();
  }

  @Test
  void shutsByItselfWhenTheTermIsOver() {
    fence.openFor(clocks.get(), TERM);

    clocks.pass(TERM.minusMillis(1));
    assertThat(fence.open()).isTrue();
    clocks.pass(Duration.ofMillis(1));
    assertThat(fence.open()).isFalse();
  }

  @Test
  void shutsAlsoWhereOnlyTheWallClockWentOn() {
    fence.openFor(clocks.get(), TERM);

    clocks.setForward(TERM); // the machine slept, or somebody set its clock

    assertThat(fence.open()).isFalse();
  }

  @Test
  void isNotHeldOpenByAWallClockThatIsSetBack() {
    fence.openFor(clocks.get(), TERM);

    clocks.setForward(Duration.ofDays(-1));
    clocks.pass(TERM);

    assertThat(fence.open()).isFalse();
  }

  @Test
  void staysShutOnceShutForGood() {
    fence.openFor(clocks.get(), TERM);
    fence.shut();

    fence.openFor(clocks.get(), TERM);

    assertThat(fence.open()).isFalse();
  }

  @Test
  void isOpenWithoutAnElection() {
    assertThat(Fence.none().open()).isTrue();
  }
}
