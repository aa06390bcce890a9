package dev.bridgehead.operator.model;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why a pod isn't ready, in the words of scheduler and kubelet. */
final class Unready {
  private static final int LONGEST = 300;

  private Unready() {}

  /** A container that can't start says most, then one that ended, then the scheduler. */
  static Optional<String> reason(Pod pod) {
    PodStatus status = pod.getStatus();
    if (status == null) {
      return Optional.empty();
    }
    return Stream.of(waiting(status), ended(status), unscheduled(status))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> waiting(PodStatus status) {
    return status.getContainerStatuses().stream()
        .map(ContainerStatus::getState)
        .filter(state -> state != null && state.getWaiting() != null)
        .map(state -> text(state.getWaiting().getReason(), state.getWaiting().getMessage()))
        .findFirst();
  }

  private static Optional<String> ended(PodStatus status) {
    return status.getContainerStatuses().stream()
        .map(ContainerStatus::getLastState)
        .filter(state -> state != null && state.getTerminated() != null)
        .map(
            state ->
                text(
                    "restarted after " + state.getTerminated().getReason(),
                    "exit code " + state.getTerminated().getExitCode()))
        .findFirst();
  }

  private static Optional<String> unscheduled(PodStatus status) {
    return status.getConditions().stream()
        .filter(it -> "PodScheduled".equals(it.getType()) && "False".equals(it.getStatus()))
        .map((PodCondition it) -> text(it.getReason(), it.getMessage()))
        .findFirst();
  }

  private static String text(@Nullable String reason, @Nullable String message) {
    String full =
        message == null || message.isEmpty() ? String.valueOf(reason) : reason + ", " + message;
    String line = full.replaceAll("\\s+", " ").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
