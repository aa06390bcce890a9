package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which IP versions are used on the way out. */
public enum AddressFamily {
  /** Both, in the order of the resolver. */
  @JsonProperty("Any")
  ANY,

  /** IPv4 addresses first. */
  @JsonProperty("PreferIPv4")
  PREFER_IPV4,

  /** IPv4 only. */
  @JsonProperty("IPv4")
  IPV4,

  /** IPv6 only. */
  @JsonProperty("IPv6")
  IPV6
}
