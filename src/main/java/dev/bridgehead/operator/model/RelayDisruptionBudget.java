package dev.bridgehead.operator.model;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;

/**
 * How many pods of a bridgehead may be away by somebody's wish: one. A node that is drained, and
 * the operator's own replacement of pods, wait for each other. A pod that is not ready serves
 * nobody, and never stands in the way of a node's drain.
 */
public final class RelayDisruptionBudget {
  private RelayDisruptionBudget() {}

  /**
   * @param draining pods that are away for as long as their mail takes: they come on top, or a
   *     scale-down whose mail can't be delivered would stop every drain of a node
   */
  public static PodDisruptionBudget of(BridgeheadKey key, int draining) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(key.metadata(key.name()))
        .withNewSpec()
        .withMaxUnavailable(new IntOrString(1 + draining))
        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
        .withNewSelector()
        .withMatchLabels(key.selector())
        .endSelector()
        .endSpec()
        .build();
  }
}
