package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;

/** What a notice says of its recipients (RFC 3464 §2.3.3). */
public enum NoticeKind {
  /** Given up. */
  FAILED(Notify.FAILURE, "failed"),
  /** Not delivered so far; still being tried. */
  DELAYED(Notify.DELAY, "delayed"),
  /** Handed to a host that sends no reports of success itself. */
  RELAYED(Notify.SUCCESS, "relayed");

  private final Notify notify;
  private final String action;

  NoticeKind(Notify notify, String action) {
    this.notify = notify;
    this.action = action;
  }

  /** The word in the Action field. */
  String action() {
    return action;
  }

  /**
   * Whether a notice of this kind is due for a recipient (RFC 3461 §5.2, §6.2). Of a message
   * without a return address only a failure is told, to the postmaster, unless NOTIFY forbids it.
   *
   * @param recipient its index in the envelope
   */
  public boolean wanted(Envelope envelope, int recipient) {
    return envelope.dsn().of(recipient).wants(notify)
        && (this == FAILED || envelope.reversePath() != null);
  }

  /** Whether an outcome is what this kind tells of. */
  boolean tellsOf(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Failed _ -> this == FAILED;
      case Outcome.Deferred _ -> this == DELAYED;
      case Outcome.Delivered _ -> this == RELAYED;
    };
  }
}
