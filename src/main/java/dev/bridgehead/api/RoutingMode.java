package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a connector finds the next hop. */
public enum RoutingMode {
  /** Route to each address space by MX. */
  @JsonProperty("DNS")
  DNS,

  /** Forward everything to the smart hosts. */
  @JsonProperty("SmartHost")
  SMART_HOST
}
