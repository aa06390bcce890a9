package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the pods of every bridgehead have in addition to what the operator gives them. A change
 * replaces the pods, one at a time.
 *
 * @param labels none when null
 * @param annotations none when null
 * @param resources see {@link PodResources} when null
 * @param nodeSelector any node when null
 * @param affinity where it leaves podAntiAffinity out, another node than the bridgehead's other
 *     pods is preferred
 * @param tolerations none when null
 * @param topologySpreadConstraints even over zones and nodes where that is possible when null; none
 *     when empty
 * @param priorityClassName the cluster's default when null
 * @param imagePullSecrets in addition to the operator's own
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PodSettings(
    @JsonPropertyDescription("Labels in addition to the operator's, whose keys they can't have.")
        @Nullable Map<String, @Size(max = 63) String> labels,
    @JsonPropertyDescription(
            "Annotations in addition to the operator's, whose keys they can't have.")
        @Nullable Map<String, @Size(max = 16384) String> annotations,
    @JsonPropertyDescription("What each pod asks for and may take.")
        @Nullable PodResources resources,
    @JsonPropertyDescription("Labels of the nodes that pods may run on. Default: any node.")
        @Nullable Map<String, @Size(max = 63) String> nodeSelector,
    @JsonPropertyDescription(
            "Which nodes and neighbours pods should have. Where podAntiAffinity is absent, a node without another pod of the bridgehead is preferred.")
        @Nullable Affinity affinity,
    @Size(max = 64) @JsonPropertyDescription("Taints that pods tolerate. Default: none.")
        @Nullable List<Toleration> tolerations,
    @Size(max = 16)
        @JsonPropertyDescription(
            "How pods are spread. Without a labelSelector a constraint counts the pods of the bridgehead. Default: evenly over zones and nodes where that is possible; [] for none.")
        @Nullable List<TopologySpreadConstraint> topologySpreadConstraints,
    @Size(min = 1, max = 253)
        @JsonPropertyDescription("PriorityClass of the pods. Default: the cluster's.")
        @Nullable String priorityClassName,
    @Size(max = 16)
        @JsonPropertyDescription(
            "Secrets of the connector's namespace to pull the image with, in addition to those that the operator is set up with.")
        @Nullable List<LocalRef> imagePullSecrets) {
  /** What an absent {@code pod} means. */
  public static final PodSettings DEFAULT =
      new PodSettings(null, null, null, null, null, null, null, null, null);

  public Map<String, String> labelsOrNone() {
    return labels == null ? Map.of() : labels;
  }

  public Map<String, String> annotationsOrNone() {
    return annotations == null ? Map.of() : annotations;
  }

  public PodResources resourcesOrDefault() {
    return resources == null ? PodResources.DEFAULT : resources;
  }

  public List<LocalRef> imagePullSecretsOrNone() {
    return imagePullSecrets == null ? List.of() : imagePullSecrets;
  }
}
