package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator saw of one bridgehead. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BridgeheadStatus(
    @JsonPropertyDescription("Generation that this status describes.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Ready, ResolvedRefs; Reconciling and Stalled only while true.")
        @Nullable List<Condition> conditions,
    @StatusReplicas @JsonPropertyDescription("Pods there are.") @Nullable Integer replicas,
    @JsonPropertyDescription("Pods ready with the current configuration.")
        @Nullable Integer readyReplicas,
    @LabelSelector @JsonPropertyDescription("Selector of the pods, for the scale subresource.")
        @Nullable String selector,
    @JsonPropertyDescription("Where clients connect: host:port of the bridgehead's own Service.")
        @Nullable String endpoint,
    @JsonPropertyDescription("Messages queued; written at most once a minute.")
        @Nullable Long queuedMessages,
    @JsonPropertyDescription("When the oldest queued message arrived, RFC 3339.")
        @Nullable String oldestQueuedTime,
    @JsonPropertyDescription("Volumes kept because mail is on them.")
        @Nullable List<String> retainedVolumes) {}
