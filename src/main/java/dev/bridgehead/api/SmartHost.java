package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * One smart host.
 *
 * @param host an FQDN, or an IP address in square brackets
 * @param port 1-65535; the outboundPort of the sending bridgehead's virtual server when null
 * @param implicitTls TLS from the first octet (RFC 8314); false when null
 * @param tlsName the name that its certificate must prove; the host when null
 * @param credentialsRef a Secret with username and password, or tokenEndpoint; no AUTH when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SmartHost(
    @Required
        @Size(min = 1, max = 255)
        @JsonPropertyDescription(
            "A fully qualified domain name, or an IP address in square brackets: smtp.example.net, [192.0.2.25], [2001:db8::25]. Resolved by A and AAAA, never by MX.")
        String host,
    @Min(1)
        @Max(65535)
        @JsonPropertyDescription(
            "TCP port, 1 to 65535. Default: the outboundPort of the sending bridgehead's virtual server.")
        @Nullable Integer port,
    @JsonPropertyDescription(
            "true: TLS from the first octet, as on port 465, instead of STARTTLS. Default: false.")
        @Nullable Boolean implicitTls,
    @Size(min = 1, max = 255)
        @JsonPropertyDescription(
            "The name to ask for by TLS (SNI), and in mode Verified to find in the certificate, where it is another than the host: a fully qualified domain name. Default: the host.")
        @Nullable String tlsName,
    @JsonPropertyDescription(
            "Secret to authenticate with: username and password, as in type kubernetes.io/basic-auth; or for access tokens of OAuth 2.0 username, tokenEndpoint, clientId, and clientSecret, refreshToken or both. Needs outbound.tls.mode Verified. Default: no authentication.")
        @Nullable LocalRef credentialsRef) {
  public boolean implicitTlsOrDefault() {
    return implicitTls != null && implicitTls;
  }
}
