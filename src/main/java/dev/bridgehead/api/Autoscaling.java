package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many pods a bridgehead has, by load.
 *
 * @param minReplicas 1 when null
 * @param maxReplicas at least minReplicas
 * @param metrics half a CPU per pod when null or empty
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Autoscaling(
    @Min(1) @Max(100) @JsonPropertyDescription("Fewest pods. Default: 1.")
        @Nullable Integer minReplicas,
    @Required @Min(1) @Max(100) @JsonPropertyDescription("Most pods.") Integer maxReplicas,
    @Size(max = 16)
        @JsonPropertyDescription(
            "What is measured, as in a HorizontalPodAutoscaler (autoscaling/v2). Default: a CPU usage of 500m per pod on average.")
        @Nullable List<MetricSpec> metrics) {
  public int minReplicasOrDefault() {
    return minReplicas == null ? 1 : minReplicas;
  }
}
