package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/**
 * How a connector connects to next hops.
 *
 * @param tls all defaults when null
 * @param addressFamily Any when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Outbound(
    @JsonPropertyDescription("TLS towards next hops.") @Nullable OutboundTls tls,
    @JsonPropertyDescription("Any, PreferIPv4, IPv4 or IPv6. Default: Any.")
        @Nullable AddressFamily addressFamily) {
  /** What an absent {@code outbound} means. */
  public static final Outbound DEFAULT = new Outbound(null, null);

  public TlsMode tlsModeOrDefault() {
    return tls == null || tls.mode() == null ? TlsMode.OPPORTUNISTIC : tls.mode();
  }

  public @Nullable CaBundleRef caBundleRef() {
    return tls == null ? null : tls.caBundleRef();
  }

  public @Nullable LocalRef clientCertificateRef() {
    return tls == null ? null : tls.clientCertificateRef();
  }

  public AddressFamily addressFamilyOrDefault() {
    return addressFamily == null ? AddressFamily.ANY : addressFamily;
  }
}
