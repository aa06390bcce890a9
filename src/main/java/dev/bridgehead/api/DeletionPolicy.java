package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What happens to queued mail when a connector is deleted. */
public enum DeletionPolicy {
  /** Deliver first; at the timeout as Retain. */
  @JsonProperty("Drain")
  DRAIN,

  /** Stop at once, keep volumes with mail. */
  @JsonProperty("Retain")
  RETAIN
}
