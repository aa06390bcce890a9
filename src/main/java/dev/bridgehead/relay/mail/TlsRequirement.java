package dev.bridgehead.relay.mail;

/** What the sender of a message asks of TLS on its way (RFC 8689). */
public enum TlsRequirement {
  /** Nothing: what connector and recipients want of TLS counts. */
  UNSPECIFIED,
  /** REQUIRETLS: proven TLS at every hop, or a notice. */
  REQUIRED,
  /** {@code TLS-Required: No}: rather in clear text than not at all. */
  OPTIONAL
}
