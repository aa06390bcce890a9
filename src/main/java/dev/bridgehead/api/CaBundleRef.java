package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * A reference to PEM certificates under the key {@code ca.crt}.
 *
 * @param kind ConfigMap when null
 * @param name the object's name
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CaBundleRef(
    @JsonPropertyDescription("ConfigMap (the default) or Secret.") @Nullable RefKind kind,
    @Required
        @Size(min = 1, max = 253)
        @JsonPropertyDescription("Name of the object, in the connector's namespace.")
        String name) {
  public RefKind kindOrDefault() {
    return kind == null ? RefKind.CONFIG_MAP : kind;
  }
}
