package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.Xtext;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ORCPT as the Original-Recipient field shows it: decoded (RFC 3461 §4.2, RFC 6533 §3). */
final class OriginalRecipient {
  private static final Pattern CODE_POINT = Pattern.compile("\\\\x\\{([0-9A-F]{2,6})}");

  private OriginalRecipient() {}

  /**
   * @param given {@code type;text}, the text in xtext or, with type utf-8, in RFC 6533's encodings
   */
  static String shown(String given, boolean international) {
    int semicolon = given.indexOf(';');
    String type = given.substring(0, semicolon);
    String text = given.substring(semicolon + 1);
    boolean utf8 = type.equalsIgnoreCase("utf-8");
    if (!utf8) {
      return type + "; " + Fields.ascii(Xtext.decoded(text).orElse(text));
    }
    // A report in ASCII keeps the encoding, which the sender can read.
    return type + "; " + (international ? Fields.printable(decoded(text)) : Fields.ascii(text));
  }

  private static String decoded(String text) {
    return CODE_POINT.matcher(text).replaceAll(OriginalRecipient::codePoint);
  }

  private static String codePoint(MatchResult match) {
    int point = Integer.parseInt(match.group(1), 16);
    return Matcher.quoteReplacement(
        Character.isValidCodePoint(point) ? Character.toString(point) : match.group());
  }
}
