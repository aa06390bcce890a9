package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** In which order smart hosts are used. */
public enum Selection {
  /** Turn with each connection. */
  @JsonProperty("RoundRobin")
  ROUND_ROBIN,

  /** In the order listed, from the first live one. */
  @JsonProperty("Failover")
  FAILOVER
}
