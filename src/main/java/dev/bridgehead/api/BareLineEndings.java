package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a bare CR or LF in a message. */
public enum BareLineEndings {
  /** The message is refused. */
  @JsonProperty("Reject")
  REJECT,

  /** A bare LF becomes CR LF, a bare CR a space. */
  @JsonProperty("Normalize")
  NORMALIZE
}
