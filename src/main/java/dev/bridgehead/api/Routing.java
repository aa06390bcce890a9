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
 * @param allowPrivateAddresses false when null; true with DNS only
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
        @Nullable Selection selection,
    @JsonPropertyDescription(
            "Whether mail exchangers found by MX may lie in private address ranges (RFC 1918, RFC 6598, RFC 4193), as within a company or cluster. Only with mode DNS; smart hosts may always. Default: false: whoever runs a domain's DNS could point your relay at your own network.")
        @Nullable Boolean allowPrivateAddresses) {
  /** With private addresses refused. */
  public Routing(
      RoutingMode mode, @Nullable List<SmartHost> smartHosts, @Nullable Selection selection) {
    this(mode, smartHosts, selection, null);
  }

  public boolean allowPrivateAddressesOrDefault() {
    return Boolean.TRUE.equals(allowPrivateAddresses);
  }

  public Selection selectionOrDefault() {
    return selection == null ? Selection.ROUND_ROBIN : selection;
  }

  /** The smart hosts, empty where there are none. */
  public List<SmartHost> smartHostsOrNone() {
    return smartHosts == null ? List.of() : smartHosts;
  }
}
