package dev.bridgehead.relay.smtp;

import java.time.Duration;

/** How the client of one session behaves, and how long that is borne. Used by its thread. */
final class Conduct {
  private final SessionLimits limits;
  private int errors;
  private int junk;

  Conduct(SessionLimits limits) {
    this.limits = limits;
  }

  /** A message was accepted: what was before is forgotten. */
  void forgive() {
    errors = 0;
    junk = 0;
  }

  /** Harmless commands without end keep a session for nothing. */
  Answer junk(Answer answer) {
    junk++;
    if (junk > limits.junk()) {
      errors++;
    }
    return answer;
  }

  /** RCPT far beyond the limit (Postfix: smtpd_recipient_overshoot_limit). */
  void overshoot() {
    errors++;
  }

  /** Counts an answer; returns it, or the last one of a session that had too many errors. */
  Answer counted(Answer answer) {
    Refusal why = answer.refusal();
    if (why != null && why.countsAsError()) {
      errors++;
    }
    if (why != null && why.countsAsJunk()) {
      junk(answer);
    }
    if (errors < limits.errors() || answer.closes()) {
      return answer;
    }
    return Answer.refused(Refusal.TOO_MANY_ERRORS, 421, 7, 0, "too many errors").closing();
  }

  /**
   * How long a reply is held back: from half of the errors on, a client that tries again and again
   * does so slowly (Postfix: smtpd_soft_error_limit, smtpd_error_sleep_time).
   */
  Duration delay(Answer answer) {
    boolean slow = 2 * errors >= limits.errors() && answer.refusal() != null;
    return slow ? limits.tarpit() : Duration.ZERO;
  }
}
