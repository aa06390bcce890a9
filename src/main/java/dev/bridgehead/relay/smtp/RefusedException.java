package dev.bridgehead.relay.smtp;

/** A command that is refused: carries the answer from a parser or a policy to the session. */
final class RefusedException extends Exception {
  private final transient Answer answer;

  RefusedException(Answer answer) {
    super(answer.reply().toString(), null, false, false);
    this.answer = answer;
  }

  RefusedException(Refusal why, int code, int subject, int detail, String text) {
    this(Answer.refused(why, code, subject, detail, text));
  }

  Answer answer() {
    return answer;
  }
}
