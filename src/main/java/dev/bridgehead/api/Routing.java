package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where mail goes.
 *
 * @param mode DNS or SmartHost
 * @param smartHosts up to 16; present with SmartHost only
 * @param selection RoundRobin when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Routing(
    @Required
        @JsonPropertyDescription(
            "DNS: route to each address space by MX. SmartHost: forward everything to the smart hosts.")
        RoutingMode mode,
    @Size(max = 16)
        @JsonPropertyDescription(
            "The hosts to forward to. Required with mode SmartHost, forbidden with mode DNS.")
        @Nullable List<SmartHost> smartHosts,
    @JsonPropertyDescription(
            "RoundRobin: turn with each connection. Failover: in the order listed, from the first live host. Default: RoundRobin.")
        @Nullable Selection selection) {
  public Selection selectionOrDefault() {
    return selection == null ? Selection.ROUND_ROBIN : selection;
  }

  /** The smart hosts, empty where there are none. */
  public List<SmartHost> smartHostsOrNone() {
    return smartHosts == null ? List.of() : smartHosts;
  }
}
