package dev.bridgehead.validation;

import java.util.regex.Pattern;

/** Values that may hold a password by mistake, such as a URL where a name belongs. */
final class Redacted {
  /** Past this nothing is shown anyway. */
  private static final int SHOWN = 1024;

  private static final Pattern USER_INFO = Pattern.compile("^((?:[A-Za-z]+://)?[^:@/]*):[^@]*@");

  private Redacted() {}

  static String of(String value) {
    String shown = value.length() > SHOWN ? value.substring(0, SHOWN) : value;
    return USER_INFO.matcher(shown).replaceFirst("$1:***@");
  }
}
