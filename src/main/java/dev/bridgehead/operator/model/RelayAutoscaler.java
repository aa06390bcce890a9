package dev.bridgehead.operator.model;

import dev.bridgehead.api.ApiGroup;
import dev.bridgehead.api.Autoscaling;
import dev.bridgehead.api.BridgeheadSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpecBuilder;
import java.util.List;
import java.util.Optional;

/** The autoscaler of a bridgehead, on the scale subresource of its Bridgehead. */
public final class RelayAutoscaler {
  /** Each step down drains a queue: the load should have gone for good. */
  private static final int CALM_SECONDS = 600;

  private static final int STEP_SECONDS = 300;

  private RelayAutoscaler() {}

  /** Empty where the spec has none. */
  public static Optional<HorizontalPodAutoscaler> of(BridgeheadKey key, BridgeheadSpec spec) {
    return Optional.ofNullable(spec.autoscaling()).map(autoscaling -> of(key, autoscaling));
  }

  /** What identifies it, to take it away. */
  public static HorizontalPodAutoscaler bare(BridgeheadKey key) {
    return new HorizontalPodAutoscalerBuilder().withMetadata(key.metadata(key.name())).build();
  }

  private static HorizontalPodAutoscaler of(BridgeheadKey key, Autoscaling autoscaling) {
    return new HorizontalPodAutoscalerBuilder()
        .withMetadata(key.metadata(key.name()))
        .withNewSpec()
        .withNewScaleTargetRef()
        .withApiVersion(ApiGroup.API_VERSION)
        .withKind("Bridgehead")
        .withName(key.name())
        .endScaleTargetRef()
        .withMinReplicas(autoscaling.minReplicasOrDefault())
        .withMaxReplicas(autoscaling.maxReplicas())
        .withMetrics(metrics(autoscaling))
        .withNewBehavior()
        .withNewScaleDown()
        .withStabilizationWindowSeconds(CALM_SECONDS)
        .addNewPolicy()
        .withType("Pods")
        .withValue(1)
        .withPeriodSeconds(STEP_SECONDS)
        .endPolicy()
        .endScaleDown()
        .endBehavior()
        .endSpec()
        .build();
  }

  /**
   * By default an amount of CPU, not a share of what is asked for: a relay asks for next to
   * nothing, since it idles most of the time.
   */
  private static List<MetricSpec> metrics(Autoscaling autoscaling) {
    if (autoscaling.metrics() != null && !autoscaling.metrics().isEmpty()) {
      return autoscaling.metrics();
    }
    return List.of(
        new MetricSpecBuilder()
            .withType("Resource")
            .withNewResource()
            .withName("cpu")
            .withNewTarget()
            .withType("AverageValue")
            .withAverageValue(new Quantity("500m"))
            .endTarget()
            .endResource()
            .build());
  }
}
