package dev.bridgehead.operator.model;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.OptionalInt;

/**
 * A bridgehead that has, or may still have, more pods than it should. Those beyond the wanted
 * number drain first: the StatefulSet keeps its number until they have nothing left.
 *
 * @param wanted pods
 * @param standing pods that the StatefulSet keeps for now, at least the wanted ones
 * @param drainFrom the lowest ordinal whose pod drains; empty where no pod is beyond
 */
public record ScaleDown(int wanted, int standing, OptionalInt drainFrom) {
  /**
   * @param keeps pods that the StatefulSet was last told to keep
   * @param pods those that are there, also such as are on their way out: one that was told to drain
   *     must not be told otherwise before it has ended
   */
  public static ScaleDown of(int wanted, int keeps, List<Pod> pods) {
    int standing = Math.max(wanted, keeps);
    boolean beyond = standing > wanted || pods.stream().anyMatch(p -> Rollout.ordinal(p) >= wanted);
    return new ScaleDown(wanted, standing, beyond ? OptionalInt.of(wanted) : OptionalInt.empty());
  }

  /** Whether the StatefulSet still keeps pods that are beyond the wanted number. */
  public boolean pending() {
    return standing > wanted;
  }
}
