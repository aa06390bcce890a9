package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/**
 * The volume of each pod.
 *
 * @param size 2Gi when null; never shrinks
 * @param storageClassName the cluster's default class when null; immutable
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Storage(
    @JsonPropertyDescription(
            "Size of each pod's volume, a quantity. At least 16Mi; may grow, never shrink. Default: 2Gi.")
        @Nullable Quantity size,
    @Size(min = 1, max = 253)
        @JsonPropertyDescription(
            "Storage class of the volumes; can't be changed. Default: the cluster's default class.")
        @Nullable String storageClassName) {
  /** What an absent {@code storage} means. */
  public static final Storage DEFAULT = new Storage(null, null);

  public Quantity sizeOrDefault() {
    return size == null ? new Quantity("2Gi") : size;
  }
}
