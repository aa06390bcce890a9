package dev.bridgehead.relay.auth;

/** What the server does next in an exchange. */
public sealed interface Turn {
  /** The client is to answer. */
  record Challenge(byte[] octets) implements Turn {
    static final Challenge EMPTY = new Challenge(new byte[0]);
  }

  /**
   * The client is who it says.
   *
   * @param user a name of the list of users, or {@code system:serviceaccount:NAMESPACE:NAME}
   */
  record Accepted(String user) implements Turn {}

  /**
   * The exchange is over.
   *
   * @param name as the client gave it, empty where it gave none; may hold anything
   * @param detail for the log, empty where there is nothing to say; holds no secret
   */
  record Rejected(Reason why, String name, String detail) implements Turn {}

  /** Why an exchange failed. */
  enum Reason {
    /** Not in the form that the mechanism has. */
    MALFORMED,
    /** Unknown user, wrong password or proof, or a token that is not good here. */
    BAD_CREDENTIALS,
    /** As many passwords are being checked as this machine bears, or a key is not known yet. */
    NOT_NOW
  }
}
