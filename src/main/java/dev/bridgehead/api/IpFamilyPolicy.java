package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether Services have one IP family or two. */
public enum IpFamilyPolicy {
  /** One. */
  @JsonProperty("SingleStack")
  SINGLE_STACK,

  /** Both where the cluster has both. */
  @JsonProperty("PreferDualStack")
  PREFER_DUAL_STACK,

  /** Both, or none at all. */
  @JsonProperty("RequireDualStack")
  REQUIRE_DUAL_STACK
}
