package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * One bridgehead of a connector.
 *
 * @param name {@code [a-z0-9]{1,20}}, unique in the connector
 * @param hostname this server's FQDN
 * @param replicas pods; when null 1, or what the scale subresource says
 * @param autoscaling none when null; not together with replicas
 * @param virtualServer all defaults when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BridgeheadEntry(
    @Required
        @Pattern("^[a-z0-9]{1,20}$")
        @Size(min = 1, max = 20)
        @JsonPropertyDescription(
            "Name, unique in the connector: 1 to 20 lower-case letters and digits.")
        String name,
    @Required
        @Size(min = 1, max = 253)
        @JsonPropertyDescription(
            "This server's fully qualified domain name, used in EHLO and Received.")
        String hostname,
    @Min(0)
        @Max(100)
        @JsonPropertyDescription(
            "Number of pods. Default: 1, or what `kubectl scale bridgehead` says.")
        @Nullable Integer replicas,
    @JsonPropertyDescription(
            "How many pods there are, by load; not together with replicas. Default: no autoscaler.")
        @Nullable Autoscaling autoscaling,
    @JsonPropertyDescription("The SMTP virtual server of each pod. Default: all of its defaults.")
        @Nullable VirtualServer virtualServer) {
  public VirtualServer virtualServerOrDefault() {
    return virtualServer == null ? VirtualServer.DEFAULT : virtualServer;
  }
}
