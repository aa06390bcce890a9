package dev.bridgehead.relay.smtp;

/**
 * The argument of MAIL or RCPT: a path and its parameters.
 *
 * @param detail the X.1.detail of a faulty path: 7 for a sender, 3 for a recipient (RFC 3463)
 */
record PathArgument(MailPath path, MailParameters parameters, int detail) {
  /**
   * Reads an argument. A space between the colon and the path is let pass: it is no part of the
   * grammar, but so many programs send it, and it can't be misread.
   *
   * @param keyword {@code FROM:} or {@code TO:}
   */
  static PathArgument parse(String argument, String keyword, int detail) throws RefusedException {
    if (!argument.regionMatches(true, 0, keyword, 0, keyword.length())) {
      throw MailParameters.syntax("expected " + keyword + "<address>");
    }
    int start = keyword.length();
    while (start < argument.length() && argument.charAt(start) == ' ') {
      start++;
    }
    try {
      int end = MailPath.endOf(argument, start);
      MailPath path = MailPath.parse(argument.substring(start, end));
      return new PathArgument(path, MailParameters.parse(argument.substring(end)), detail);
    } catch (IllegalArgumentException faulty) {
      String text = faulty.getMessage();
      throw new RefusedException(
          Refusal.SYNTAX, 501, 1, detail, text == null ? "faulty address" : text);
    }
  }

  /** RFC 6531 section 3.5: 553 5.6.7 for an address that needs SMTPUTF8 and did not ask for it. */
  void requireUtf8(boolean smtpUtf8) throws RefusedException {
    if (path.nonAscii() && !smtpUtf8) {
      throw new RefusedException(
          Refusal.SYNTAX, 553, 6, 7, "an address with non-ASCII characters needs SMTPUTF8");
    }
  }
}
