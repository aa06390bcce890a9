package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a Service keeps the client address of connections from outside. */
public enum TrafficPolicy {
  /** Only nodes with a pod answer; the client address is kept. */
  @JsonProperty("Local")
  LOCAL,

  /** Any node answers; clients may look like a node. */
  @JsonProperty("Cluster")
  CLUSTER
}
