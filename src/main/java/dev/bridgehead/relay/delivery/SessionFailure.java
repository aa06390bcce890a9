package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.policy.TlsFault;
import org.jspecify.annotations.Nullable;

/** No session came about: the next host may be tried (design of the delivery, RFC 5321 §5.1). */
public final class SessionFailure extends Exception {
  private final transient Diagnostic why;
  private final boolean dead;
  private final @Nullable TlsFault fault;

  SessionFailure(Diagnostic why, boolean dead) {
    this(why, dead, null);
  }

  private SessionFailure(Diagnostic why, boolean dead, @Nullable TlsFault fault) {
    super(why.text());
    this.why = why;
    this.dead = dead;
    this.fault = fault;
  }

  /** For want of TLS as it has to be. */
  static SessionFailure ofTls(TlsFault fault, Diagnostic why) {
    return new SessionFailure(why, false, fault);
  }

  public Diagnostic why() {
    return why;
  }

  /** The host didn't answer at all, so the next message needn't ask it at once. */
  public boolean dead() {
    return dead;
  }

  /** What was wrong with TLS; null where it was something else. */
  @Nullable TlsFault fault() {
    return fault;
  }
}
