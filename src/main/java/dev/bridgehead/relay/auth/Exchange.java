package dev.bridgehead.relay.auth;

/**
 * One run of a mechanism, the server's side. Used by one thread, ended by anything but a challenge.
 */
public sealed interface Exchange
    permits PlainExchange, LoginExchange, ScramExchange, BearerExchange {
  /** The first turn, of a client that sent no initial response (RFC 4954 section 4). */
  default Turn begin() {
    return Turn.Challenge.EMPTY; // all but LOGIN have the client speak first
  }

  /** The turn after a client's response, the initial one among them. */
  Turn respond(byte[] response);
}
