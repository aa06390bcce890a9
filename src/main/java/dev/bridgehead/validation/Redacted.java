package dev.bridgehead.validation;

import java.util.regex.Pattern;

/** Values that may hold a password by mistake, such as a URL where a name belongs. */
final class Redacted {
  /** Past this nothing is shown anyway. */
  private static final int SHOWN = 1024;

  /** Up to the last @: a user's name and a password may hold one themselves. */
  private static final Pattern USER_INFO = Pattern.compile("(?s)^((?:[A-Za-z]+://)?[^:/]*):.*@");

  private Redacted() {}

  static String of(String value) {
    String shown = USER_INFO.matcher(value).replaceFirst("$1:***@");
    return shown.length() > SHOWN ? shown.substring(0, SHOWN) : shown;
  }
}
