package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A ServiceAccount of the cluster.
 *
 * @param namespace where it is
 * @param name the object's name
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServiceAccountRef(
    @Required @Size(min = 1, max = 63) @JsonPropertyDescription("Namespace of the ServiceAccount.")
        String namespace,
    @Required @Size(min = 1, max = 253) @JsonPropertyDescription("Name of the ServiceAccount.")
        String name) {}
