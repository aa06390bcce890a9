package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * TLS for clients.
 *
 * @param secretRef a Secret of type kubernetes.io/tls
 * @param required false when null
 * @param implicitPort no such listener when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InboundTls(
    @Required
        @JsonPropertyDescription(
            "Secret of type kubernetes.io/tls: tls.crt, the certificate and its chain, and tls.key. A changed one serves from the next handshake on, without a restart.")
        LocalRef secretRef,
    @JsonPropertyDescription(
            "true: on the port without implicit TLS, nothing but STARTTLS is taken until it has been used. Default: false.")
        @Nullable Boolean required,
    @Min(1)
        @Max(65535)
        @JsonPropertyDescription(
            "Another port, with TLS from the first octet (RFC 8314; 465 is the usual one): container port, and port of the bridgehead's own Service. Default: none.")
        @Nullable Integer implicitPort) {
  public boolean requiredOrDefault() {
    return required != null && required;
  }
}
