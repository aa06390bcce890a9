package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/**
 * TLS on the way out.
 *
 * @param mode Opportunistic when null
 * @param caBundleRef the system's CAs when null
 * @param clientCertificateRef a Secret of type kubernetes.io/tls; next hops are shown none when
 *     null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OutboundTls(
    @JsonPropertyDescription(
            "None: never TLS. Opportunistic: STARTTLS where offered, certificate not checked. Required: TLS or no delivery. Verified: TLS with a certificate that proves the next hop's name, or no delivery. At each of the last three the host's TLSA records (DANE) and, in mode DNS, the domain's MTA-STS policy may ask for more. Default: Opportunistic.")
        @Nullable TlsMode mode,
    @JsonPropertyDescription(
            "CA certificates (PEM, key ca.crt) to verify next hops by. Default: the system's.")
        @Nullable CaBundleRef caBundleRef,
    @JsonPropertyDescription(
            "Secret of type kubernetes.io/tls, in the connector's namespace: tls.crt, this server's certificate and its chain, and tls.key. It is shown to every next hop that asks for a client certificate. A changed one is shown from the next session on, without a restart. Default: none.")
        @Nullable LocalRef clientCertificateRef) {}
