package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScaleDownTest {
  @Test
  void nothingDrainsWhereAsManyPodsStandAsAreWanted() {
    assertThat(ScaleDown.of(2, 2, pods(2))).isEqualTo(new ScaleDown(2, 2, OptionalInt.empty()));
  }

  @Test
  void nothingDrainsWhereMoreAreWanted() {
    assertThat(ScaleDown.of(3, 1, pods(1))).isEqualTo(new ScaleDown(3, 3, OptionalInt.empty()));
  }

  @Test
  void theStatefulSetKeepsItsNumberWhilePodsBeyondTheWantedDrain() {
    ScaleDown scale = ScaleDown.of(1, 3, pods(3));

    assertThat(scale).isEqualTo(new ScaleDown(1, 3, OptionalInt.of(1)));
    assertThat(scale.pending()).isTrue();
  }

  @Test
  void aPodOnItsWayOutIsNotToldToTakeMailAgain() {
    ScaleDown scale = ScaleDown.of(1, 1, pods(2));

    assertThat(scale).isEqualTo(new ScaleDown(1, 1, OptionalInt.of(1)));
    assertThat(scale.pending()).isFalse();
  }

  @Test
  void allDrainWhereNoneIsWanted() {
    assertThat(ScaleDown.of(0, 2, pods(2))).isEqualTo(new ScaleDown(0, 2, OptionalInt.of(0)));
  }

  private static List<Pod> pods(int number) {
    return IntStream.range(0, number)
        .mapToObj(
            i -> new PodBuilder().withNewMetadata().withName("c-edge-" + i).endMetadata().build())
        .toList();
  }
}
