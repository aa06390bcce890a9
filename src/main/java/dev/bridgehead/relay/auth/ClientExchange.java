package dev.bridgehead.relay.auth;

import org.jspecify.annotations.Nullable;

/** One run of a mechanism, the client's side. Used by one thread. */
public sealed interface ClientExchange permits PlainClient, LoginClient, ScramClient, BearerClient {
  /** The initial response (RFC 4954 section 4); null where the server has to speak first. */
  byte @Nullable [] begin();

  /**
   * The answer to a challenge.
   *
   * @throws UnfitChallengeException nothing answers it: the exchange is to be cancelled
   */
  byte[] respond(byte[] challenge) throws UnfitChallengeException;

  /**
   * Whether the server has proved all that the mechanism has it prove; if not, a server that says
   * that the login succeeded is not to be believed.
   */
  default boolean serverProved() {
    return true; // all but SCRAM have it prove nothing
  }
}
