package dev.bridgehead.relay.smtp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * BDAT (RFC 3030 section 2): {@code BDAT chunk-size [LAST]}.
 *
 * @param size octets that follow the command; {@link Long#MAX_VALUE} stands for more than that
 */
record ChunkCommand(long size, boolean last) {
  private static final Pattern SYNTAX =
      Pattern.compile("(?=[0-9]{1,20}(?: |$))0*([0-9]+)( LAST)?", Pattern.CASE_INSENSITIVE);

  /**
   * Reads the arguments.
   *
   * @throws RefusedException whose answer closes: how many octets follow is not known, and none of
   *     them may run as a command
   */
  static ChunkCommand parse(String argument) throws RefusedException {
    Matcher given = SYNTAX.matcher(argument);
    if (!given.matches()) {
      throw new RefusedException(
          MailParameters.syntax("expected BDAT size or BDAT size LAST").answer().closing());
    }
    String digits = given.group(1);
    return new ChunkCommand(
        digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits), given.group(2) != null);
  }
}
