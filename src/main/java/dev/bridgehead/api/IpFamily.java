package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** An IP family of Services. */
public enum IpFamily {
  @JsonProperty("IPv4")
  IPV4,

  @JsonProperty("IPv6")
  IPV6
}
