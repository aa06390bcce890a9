package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator saw of a connector. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("What the operator saw of the connector.")
public record SmtpConnectorStatus(
    @JsonPropertyDescription("Generation that this status describes.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready, Accepted, ResolvedRefs, NamesResolved, Draining; Reconciling and Stalled only while True.")
        @Size(max = 8)
        @Nullable List<Condition> conditions,
    @Size(max = 16) @JsonPropertyDescription("Bridgeheads ready, of all: 2/3.")
        @Nullable String bridgeheadsReady,
    @JsonPropertyDescription("Messages queued in all bridgeheads; written at most once a minute.")
        @Nullable Long queuedMessages,
    @Size(max = 64) @JsonPropertyDescription("When the oldest queued message arrived, RFC 3339.")
        @Nullable String oldestQueuedTime,
    @JsonPropertyDescription(
            "Why most of the mail that was put off is still queued; written with the figures.")
        @Nullable Deferral commonestDeferral,
    @JsonPropertyDescription("The same, for each bridgehead.") @Size(max = 16)
        @Nullable List<BridgeheadSummary> bridgeheads) {}
