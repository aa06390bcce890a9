package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The kind of object that a CA bundle lies in. */
public enum RefKind {
  /** A ConfigMap. */
  @JsonProperty("ConfigMap")
  CONFIG_MAP,

  /** A Secret. */
  @JsonProperty("Secret")
  SECRET
}
