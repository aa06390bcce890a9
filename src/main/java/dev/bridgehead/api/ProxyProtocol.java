package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Load balancers that say in a PROXY protocol header who the client is.
 *
 * @param trustedPeers addresses and CIDRs; nobody when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProxyProtocol(
    @Size(max = 64)
        @JsonPropertyDescription(
            "Addresses and CIDRs of the load balancers, as relay pods see them. Their connections begin with a PROXY header, version 1 or 2, whose client address counts as the client's; those of others must not. Default: nobody.")
        @Nullable List<@Size(min = 1, max = 64) String> trustedPeers) {
  /** The entries, empty where there are none. */
  public List<String> trustedPeersOrNone() {
    return trustedPeers == null ? List.of() : trustedPeers;
  }
}
