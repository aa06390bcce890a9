package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may relay.
 *
 * @param allowedClients addresses and CIDRs; nobody when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Access(
    @Size(max = 64)
        @JsonPropertyDescription(
            "Addresses and CIDRs of clients that may relay, such as 10.0.0.0/8. Default: nobody.")
        @Nullable List<@Size(min = 1, max = 64) String> allowedClients) {
  /** The entries, empty where there are none. */
  public List<String> allowedClientsOrNone() {
    return allowedClients == null ? List.of() : allowedClients;
  }
}
