package dev.bridgehead.relay.auth;

/** A server said what its mechanism does not have, or what shows that it isn't the one meant. */
public final class UnfitChallengeException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param message continues "the server …"; quotes nothing
   */
  UnfitChallengeException(String message) {
    super(message, null, false, false);
  }
}
