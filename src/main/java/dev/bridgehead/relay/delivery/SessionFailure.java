package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;

/** No session came about: the next host may be tried (design of the delivery, RFC 5321 §5.1). */
public final class SessionFailure extends Exception {
  private final transient Diagnostic why;
  private final boolean dead;

  SessionFailure(Diagnostic why, boolean dead) {
    super(why.text());
    this.why = why;
    this.dead = dead;
  }

  public Diagnostic why() {
    return why;
  }

  /** The host didn't answer at all, so the next message needn't ask it at once. */
  public boolean dead() {
    return dead;
  }
}
