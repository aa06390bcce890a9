package dev.bridgehead.relay.smtp;

/** What a session has done wrong so far, and when it is enough. Used by the session's thread. */
final class ErrorCount {
  private final SessionLimits limits;
  private int errors;
  private int junk;

  ErrorCount(SessionLimits limits) {
    this.limits = limits;
  }

  /** An error that no answer shows. */
  void add() {
    errors++;
  }

  /** Harmless commands without end keep a session for nothing. */
  Answer junk(Answer answer) {
    junk++;
    if (junk > limits.junk()) {
      errors++;
    }
    return answer;
  }

  /** An accepted message sets the count back. */
  void accepted() {
    errors = 0;
    junk = 0;
  }

  /** The answer to a command; another one, the last, where there were too many errors. */
  Answer counted(Answer answer) {
    Refusal why = answer.refusal();
    if (why != null && why.countsAsError()) {
      errors++;
    }
    if (errors < limits.errors() || answer.closes()) {
      return answer;
    }
    return Answer.refused(Refusal.TOO_MANY_ERRORS, 421, 7, 0, "too many errors").closing();
  }
}
