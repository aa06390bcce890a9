package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * Recipient domains that a connector carries.
 *
 * @param domain {@code *}, {@code example.com}, or {@code *.example.com} (example.com and all below
 *     it, as in Exchange)
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AddressSpace(
    @Required
        @Size(min = 1, max = 255)
        @JsonPropertyDescription(
            "\"*\" for every domain, \"example.com\" for that domain, \"*.example.com\" for example.com and all domains below it.")
        String domain) {}
