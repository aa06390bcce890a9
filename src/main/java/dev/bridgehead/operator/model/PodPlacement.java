package dev.bridgehead.operator.model;

import dev.bridgehead.api.PodSettings;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the pods of a bridgehead should run. Apart from each other, as far as that is possible: a
 * cluster of one node or one zone must still run two of them.
 */
final class PodPlacement {
  private static final String NODE = "kubernetes.io/hostname";
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final int STRONGEST_WISH = 100;

  private PodPlacement() {}

  /** The spec's; where it has no podAntiAffinity, another node than its siblings is preferred. */
  static Affinity affinity(BridgeheadKey key, PodSettings pod) {
    AffinityBuilder affinity =
        pod.affinity() == null ? new AffinityBuilder() : new AffinityBuilder(pod.affinity());
    if (pod.affinity() == null || pod.affinity().getPodAntiAffinity() == null) {
      affinity
          .withNewPodAntiAffinity()
          .addNewPreferredDuringSchedulingIgnoredDuringExecution()
          .withWeight(STRONGEST_WISH)
          .withNewPodAffinityTerm()
          .withTopologyKey(NODE)
          .withLabelSelector(siblings(key))
          .endPodAffinityTerm()
          .endPreferredDuringSchedulingIgnoredDuringExecution()
          .endPodAntiAffinity();
    }
    return affinity.build();
  }

  /** The spec's, each with a selector; where it says nothing, evenly over zones and nodes. */
  static List<TopologySpreadConstraint> spread(BridgeheadKey key, PodSettings pod) {
    if (pod.topologySpreadConstraints() == null) {
      return Stream.of(ZONE, NODE).map(topology -> evenly(topology, key)).toList();
    }
    return pod.topologySpreadConstraints().stream()
        .map(
            constraint ->
                constraint.getLabelSelector() != null
                    ? constraint
                    : new TopologySpreadConstraintBuilder(constraint)
                        .withLabelSelector(siblings(key))
                        .build())
        .toList();
  }

  private static TopologySpreadConstraint evenly(String topology, BridgeheadKey key) {
    return new TopologySpreadConstraintBuilder()
        .withMaxSkew(1)
        .withTopologyKey(topology)
        .withWhenUnsatisfiable("ScheduleAnyway")
        .withLabelSelector(siblings(key))
        .build();
  }

  private static LabelSelector siblings(BridgeheadKey key) {
    return new LabelSelectorBuilder().withMatchLabels(key.selector()).build();
  }
}
