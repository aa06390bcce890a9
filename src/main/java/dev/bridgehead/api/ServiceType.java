package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The type of the Services that clients connect to. */
public enum ServiceType {
  /** Reachable inside the cluster. */
  @JsonProperty("ClusterIP")
  CLUSTER_IP,

  /** Also on a port of each node. */
  @JsonProperty("NodePort")
  NODE_PORT,

  /** Also at an address of a load balancer. */
  @JsonProperty("LoadBalancer")
  LOAD_BALANCER
}
