package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a connector's status says of one bridgehead. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BridgeheadSummary(
    @Required @Size(min = 1, max = 63) @JsonPropertyDescription("Name of the bridgehead.")
        String name,
    @JsonPropertyDescription("Pods wanted.") @Nullable Integer replicas,
    @JsonPropertyDescription("Pods ready with the current configuration.")
        @Nullable Integer readyReplicas,
    @Size(max = 320)
        @JsonPropertyDescription(
            "Where clients connect: host:port of the bridgehead's own Service.")
        @Nullable String endpoint,
    @JsonPropertyDescription("Messages queued.") @Nullable Long queuedMessages,
    @Size(max = 64) @JsonPropertyDescription("When the oldest queued message arrived, RFC 3339.")
        @Nullable String oldestQueuedTime,
    @JsonPropertyDescription("Why most of the mail that was put off is still queued.")
        @Nullable Deferral commonestDeferral,
    @Size(max = 128) @JsonPropertyDescription("Volumes kept because mail is on them.")
        @Nullable List<@Size(max = 253) String> retainedVolumes) {}
