package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

class UnreadyTest {
  @Test
  void saysWhatKeepsAContainerFromStarting() {
    Pod pod =
        new PodBuilder()
            .withNewStatus()
            .addNewContainerStatus()
            .withNewState()
            .withNewWaiting()
            .withReason("ImagePullBackOff")
            .withMessage("Back-off pulling image\n\"relay:1\"")
            .endWaiting()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    assertThat(Unready.reason(pod))
        .contains("ImagePullBackOff, Back-off pulling image \"relay:1\"");
  }

  @Test
  void saysHowAContainerEnded() {
    Pod pod =
        new PodBuilder()
            .withNewStatus()
            .addNewContainerStatus()
            .withNewLastState()
            .withNewTerminated()
            .withReason("OOMKilled")
            .withExitCode(137)
            .endTerminated()
            .endLastState()
            .endContainerStatus()
            .endStatus()
            .build();
    assertThat(Unready.reason(pod)).contains("restarted after OOMKilled, exit code 137");
  }

  @Test
  void saysWhyNoNodeTakesIt() {
    Pod pod =
        new PodBuilder()
            .withNewStatus()
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage("0/3 nodes are available")
            .endCondition()
            .endStatus()
            .build();
    assertThat(Unready.reason(pod)).contains("Unschedulable, 0/3 nodes are available");
  }

  @Test
  void saysNothingWhereTheClusterSaysNothing() {
    assertThat(Unready.reason(new Pod())).isEmpty();
    assertThat(Unready.reason(new PodBuilder().withNewStatus().endStatus().build())).isEmpty();
  }
}
