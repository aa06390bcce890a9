package dev.bridgehead.relay.smtp;

/**
 * RCPT (RFC 5321 section 4.1.1.3).
 *
 * @param path never {@code <>}
 */
record RcptCommand(MailPath path) {
  /**
   * Reads the arguments.
   *
   * @param argument what follows {@code RCPT }
   * @param smtpUtf8 MAIL asked for it
   */
  static RcptCommand parse(String argument, boolean smtpUtf8) throws RefusedException {
    PathArgument given = PathArgument.parse(argument, "TO:", 3);
    for (String keyword : given.parameters().values().keySet()) {
      throw MailParameters.notOffered(keyword);
    }
    given.requireUtf8(smtpUtf8);
    if (given.path().address() == null && !given.path().postmaster()) {
      throw new RefusedException(Refusal.SYNTAX, 501, 1, 3, "a recipient needs an address");
    }
    return new RcptCommand(given.path());
  }
}
