package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a connector asks of TLS on the way out. */
public enum TlsMode {
  /** Never TLS. */
  @JsonProperty("None")
  NONE,

  /** STARTTLS where offered, certificates not checked (RFC 7435). */
  @JsonProperty("Opportunistic")
  OPPORTUNISTIC,

  /** TLS or no delivery, certificates not checked. */
  @JsonProperty("Required")
  REQUIRED,

  /** TLS with a certificate that proves the name of the next hop, or no delivery. */
  @JsonProperty("Verified")
  VERIFIED
}
