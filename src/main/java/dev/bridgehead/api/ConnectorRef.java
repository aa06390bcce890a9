package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * The connector that a bridgehead belongs to.
 *
 * @param name its name, in the same namespace
 * @param uid its uid
 * @param generation the connector's generation that this spec was made from
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ConnectorRef(
    @Required @Size(min = 1, max = 63) @JsonPropertyDescription("Name of the connector.")
        String name,
    @Required @Size(min = 1, max = 63) @JsonPropertyDescription("UID of the connector.") String uid,
    @JsonPropertyDescription("Generation of the connector that this spec was made from.")
        @Nullable Long generation) {}
