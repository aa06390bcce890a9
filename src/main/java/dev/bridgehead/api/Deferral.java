package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Why most of the mail that was put off is still queued. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("Why most of the mail that was put off is still queued.")
public record Deferral(
    @JsonPropertyDescription("Messages that wait for this.") @Nullable Long messages,
    @Size(max = 253)
        @JsonPropertyDescription(
            "The host that was asked; where none was, the destination: a domain, or smart hosts.")
        @Nullable String nextHop,
    @Size(max = 32) @JsonPropertyDescription("As the label of bridgehead_messages_deferred_total.")
        @Nullable String reason,
    @Size(max = 16) @JsonPropertyDescription("Enhanced status code, RFC 3463.")
        @Nullable String status,
    @Size(max = 256)
        @JsonPropertyDescription("What happened to one of them, without anybody's address.")
        @Nullable String text) {}
