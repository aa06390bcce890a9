package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a relay asks for and may take.
 *
 * <p>An idle relay with its JVM stays around 100 MiB, and ten thousand idle sessions were measured
 * at about 215 MiB: 256Mi is what a busy one needs, twice that is the limit, so that a burst does
 * not kill it. There is no CPU limit: throttling hits a JVM hardest while it starts, when the
 * probes wait.
 *
 * @param requests cpu 50m and memory 256Mi when null
 * @param limits memory 512Mi when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PodResources(
    @JsonPropertyDescription("What each pod asks for. Default: cpu 50m, memory 256Mi.")
        @Nullable Map<String, Quantity> requests,
    @JsonPropertyDescription(
            "What each pod may take; memory at least 128Mi. Default: memory 512Mi.")
        @Nullable Map<String, Quantity> limits) {
  /** What absent {@code resources} mean. */
  public static final PodResources DEFAULT = new PodResources(null, null);

  public Map<String, Quantity> requestsOrDefault() {
    return requests == null
        ? Map.of("cpu", new Quantity("50m"), "memory", new Quantity("256Mi"))
        : requests;
  }

  public Map<String, Quantity> limitsOrDefault() {
    return limits == null ? Map.of("memory", new Quantity("512Mi")) : limits;
  }
}
