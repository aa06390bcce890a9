package dev.bridgehead.relay.oauth;

/** There is no access token now; the message says why, without any secret. */
public final class NoTokenException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String detail;

  NoTokenException(String message) {
    this(message, "");
  }

  /**
   * @param detail what the endpoint says of it: for the log, not for others to read
   */
  NoTokenException(String message, String detail) {
    super(message);
    this.detail = detail;
  }

  String detail() {
    return detail;
  }
}
