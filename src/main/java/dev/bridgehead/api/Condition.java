package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One condition, as metav1.Condition. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
    @Required @Size(min = 1, max = 316) @JsonPropertyDescription("Type of the condition.")
        String type,
    @Required
        @Pattern("^(True|False|Unknown)$")
        @Size(max = 7)
        @JsonPropertyDescription("True, False or Unknown.")
        String status,
    @JsonPropertyDescription("Generation that the condition was judged by.")
        @Nullable Long observedGeneration,
    @Size(max = 64) @JsonPropertyDescription("When the status last changed, RFC 3339.")
        @Nullable String lastTransitionTime,
    @Size(max = 1024) @JsonPropertyDescription("The reason, in CamelCase, from a closed list.")
        @Nullable String reason,
    @Size(max = 32768) @JsonPropertyDescription("What a person should know or do.")
        @Nullable String message) {}
