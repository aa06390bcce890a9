package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator saw of one bridgehead. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("What the operator saw of the bridgehead.")
public record BridgeheadStatus(
    @JsonPropertyDescription("Generation that this status describes.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready, Accepted, ResolvedRefs, NamesResolved, Draining; Reconciling and Stalled only while True.")
        @Size(max = 8)
        @Nullable List<Condition> conditions,
    @StatusReplicas @JsonPropertyDescription("Pods there are.") @Nullable Integer replicas,
    @JsonPropertyDescription("Pods ready with the current configuration.")
        @Nullable Integer readyReplicas,
    @LabelSelector
        @Size(max = 1024)
        @JsonPropertyDescription("Selector of the pods, for the scale subresource.")
        @Nullable String selector,
    @Size(max = 320)
        @JsonPropertyDescription(
            "Where clients connect: host:port of the bridgehead's own Service.")
        @Nullable String endpoint,
    @JsonPropertyDescription("Messages queued; written at most once a minute.")
        @Nullable Long queuedMessages,
    @Size(max = 64) @JsonPropertyDescription("When the oldest queued message arrived, RFC 3339.")
        @Nullable String oldestQueuedTime,
    @JsonPropertyDescription(
            "Why most of the mail that was put off is still queued; written with the figures.")
        @Nullable Deferral commonestDeferral,
    @Size(max = 128) @JsonPropertyDescription("Volumes kept because mail is on them.")
        @Nullable List<@Size(max = 253) String> retainedVolumes) {}
