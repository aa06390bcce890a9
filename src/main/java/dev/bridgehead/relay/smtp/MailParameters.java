package dev.bridgehead.relay.smtp;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The parameters of MAIL and RCPT (RFC 5321 section 4.1.2, Mail-parameters).
 *
 * @param values by keyword in upper case, in the order given; empty where there was no {@code =}
 */
record MailParameters(Map<String, String> values) {
  private static final Pattern KEYWORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");

  /**
   * Reads what follows the path.
   *
   * @param text empty, or beginning with a space; free of control characters
   */
  static MailParameters parse(String text) throws RefusedException {
    Map<String, String> values = new LinkedHashMap<>();
    if (!text.isEmpty() && text.charAt(0) != ' ') {
      throw syntax("a space is missing after the address");
    }
    for (String parameter : text.split(" +")) {
      if (parameter.isEmpty()) {
        continue;
      }
      int equals = parameter.indexOf('=');
      String keyword = equals < 0 ? parameter : parameter.substring(0, equals);
      String value = equals < 0 ? "" : parameter.substring(equals + 1);
      if (!KEYWORD.matcher(keyword).matches()
          || (equals >= 0 && (value.isEmpty() || value.indexOf('=') >= 0))) {
        throw syntax("a parameter is KEYWORD or KEYWORD=value");
      }
      if (values.putIfAbsent(keyword.toUpperCase(Locale.ROOT), value) != null) {
        throw syntax("a parameter is given twice");
      }
    }
    return new MailParameters(values);
  }

  static RefusedException syntax(String text) {
    return new RefusedException(Refusal.SYNTAX, 501, 5, 4, text);
  }

  /** 555, as RFC 5321 section 4.1.1.11 has it for parameters that are not offered. */
  static RefusedException notOffered(String keyword) {
    String shown = keyword.length() > 40 ? keyword.substring(0, 40) : keyword;
    return new RefusedException(
        Refusal.UNSUPPORTED_PARAMETER, 555, 5, 4, "parameter " + shown + " is not offered");
  }
}
