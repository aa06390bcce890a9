package dev.bridgehead.relay.smtp;

import java.util.Locale;

/** Why something was refused: the values of the label {@code reason}, a closed set. */
enum Refusal {
  SYNTAX,
  UNKNOWN_COMMAND,
  FORBIDDEN_COMMAND,
  BAD_SEQUENCE,
  TLS_REQUIRED,
  AUTH_FAILED,
  AUTH_ENDED,
  AUTH_NOT_NOW,
  TOO_MANY_FAILURES,
  UNSUPPORTED_PARAMETER,
  RELAY_DENIED,
  NOT_CARRIED,
  NO_POSTMASTER,
  TOO_MANY_RECIPIENTS,
  TOO_BIG,
  BAD_OCTETS,
  EARLIER_CHUNK,
  LOOP,
  SPOOL_FULL,
  SPOOL_FAILED,
  TOO_MANY_SESSIONS,
  TOO_MANY_MESSAGES,
  TOO_MANY_ERRORS,
  TIMEOUT,
  PROXY_HEADER,
  TLS_FAULT,
  CLOSING,
  INTERNAL;

  /** The label's value. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether it counts against the session. Refused recipients of a client that may relay do not: a
   * list with many addresses that are not carried is no attack, and the others want their mail.
   */
  boolean countsAsError() {
    return switch (this) {
      case SYNTAX,
          UNKNOWN_COMMAND,
          FORBIDDEN_COMMAND,
          BAD_SEQUENCE,
          TLS_REQUIRED,
          AUTH_FAILED,
          AUTH_ENDED,
          UNSUPPORTED_PARAMETER,
          RELAY_DENIED,
          BAD_OCTETS,
          LOOP ->
          true;
      case NOT_CARRIED,
          NO_POSTMASTER,
          TOO_MANY_RECIPIENTS,
          TOO_BIG,
          EARLIER_CHUNK,
          SPOOL_FULL,
          SPOOL_FAILED,
          TOO_MANY_SESSIONS,
          TOO_MANY_MESSAGES,
          TOO_MANY_ERRORS,
          AUTH_NOT_NOW,
          TOO_MANY_FAILURES,
          TIMEOUT,
          PROXY_HEADER,
          TLS_FAULT,
          CLOSING,
          INTERNAL ->
          false;
    };
  }

  /**
   * Whether it counts as NOOP does: what is asked again and again and refused for reasons that are
   * no fault of the session's. Not so where the others of a group are accepted.
   */
  boolean countsAsJunk() {
    return this == TOO_BIG || this == TOO_MANY_MESSAGES || this == AUTH_NOT_NOW;
  }
}
