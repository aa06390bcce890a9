package dev.bridgehead.relay.sts;

/** A policy can't be had, or means nothing. */
final class PolicyFailure extends Exception {
  private static final long serialVersionUID = 1;
  private static final int MOST_TEXT = 300;

  /** What failed: few, since they are a metric's label. */
  enum Reason {
    /** The policy's host has no address that may be connected. */
    ADDRESS,
    CONNECTION,
    /** The handshake, or the certificate. */
    TLS,
    TIMEOUT,
    /** It answers, but not with a policy. */
    HTTP,
    /** What it answers with is no policy. */
    INVALID
  }

  private final Reason reason;

  /**
   * @param text one line; may quote the peer
   */
  PolicyFailure(Reason reason, String text) {
    super(shown(text), null, false, false);
    this.reason = reason;
  }

  /** The first line, printable ASCII: it goes into logs. */
  private static String shown(String text) {
    String line = text.lines().findFirst().orElse("");
    String most = line.substring(0, Math.min(line.length(), MOST_TEXT));
    return most.replaceAll("[^ -~]", "?");
  }

  Reason reason() {
    return reason;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
