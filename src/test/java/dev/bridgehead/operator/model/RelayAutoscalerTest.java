package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnectorSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RelayAutoscalerTest {
  private static Optional<HorizontalPodAutoscaler> of(String autoscaling)
      throws JsonProcessingException {
    Bridgehead bridgehead =
        Samples.bridgehead(
            new YAMLMapper()
                .readValue(
                    """
                    routing: {mode: DNS}
                    bridgeheads: [{name: edge, hostname: mail.example.com, autoscaling: %s}]
                    """
                        .formatted(autoscaling),
                    SmtpConnectorSpec.class));
    return RelayAutoscaler.of(BridgeheadKey.of(bridgehead), bridgehead.getSpec());
  }

  @Test
  void thereIsNoneUnlessTheSpecSaysSo() throws JsonProcessingException {
    assertThat(of("null")).isEmpty();
  }

  @Test
  void scalesTheBridgehead() throws JsonProcessingException {
    HorizontalPodAutoscaler autoscaler = of("{minReplicas: 2, maxReplicas: 5}").orElseThrow();

    assertThat(autoscaler.getMetadata().getName()).isEqualTo("internet-edge");
    assertThat(autoscaler.getMetadata().getLabels())
        .containsEntry("bridgehead.dev/connector-uid", "connector-uid");
    assertThat(autoscaler.getSpec().getScaleTargetRef().getApiVersion())
        .isEqualTo("bridgehead.dev/v1");
    assertThat(autoscaler.getSpec().getScaleTargetRef().getKind()).isEqualTo("Bridgehead");
    assertThat(autoscaler.getSpec().getScaleTargetRef().getName()).isEqualTo("internet-edge");
    assertThat(autoscaler.getSpec().getMinReplicas()).isEqualTo(2);
    assertThat(autoscaler.getSpec().getMaxReplicas()).isEqualTo(5);
  }

  @Test
  void goesByCpuAndStepsDownSlowlySinceEachStepDrainsAQueue() throws JsonProcessingException {
    HorizontalPodAutoscaler autoscaler = of("{maxReplicas: 5}").orElseThrow();

    assertThat(autoscaler.getSpec().getMinReplicas()).isEqualTo(1);
    assertThat(autoscaler.getSpec().getMetrics())
        .singleElement()
        .satisfies(
            metric ->
                assertThat(metric.getResource().getTarget().getAverageValue())
                    .isEqualTo(new Quantity("500m")));
    assertThat(autoscaler.getSpec().getBehavior().getScaleDown().getPolicies())
        .singleElement()
        .satisfies(policy -> assertThat(policy.getValue()).isEqualTo(1));
  }

  @Test
  void measuresWhatTheSpecSays() throws JsonProcessingException {
    assertThat(
            of("""
               {maxReplicas: 5, metrics: [{type: Pods, pods: {metric: {name: bridgehead_queue_messages},
                 target: {type: AverageValue, averageValue: "1000"}}}]}
               """)
                .orElseThrow()
                .getSpec()
                .getMetrics())
        .singleElement()
        .satisfies(
            metric ->
                assertThat(metric.getPods().getMetric().getName())
                    .isEqualTo("bridgehead_queue_messages"));
  }
}
