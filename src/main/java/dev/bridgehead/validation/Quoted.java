package dev.bridgehead.validation;

/** Values as messages show them: quoted as Go's {@code %q} does, cut to a bound. */
public final class Quoted {
  private static final int MAX_CODE_POINTS = 128;

  private Quoted() {}

  /**
   * The value in double quotes; quotes, backslashes and whatever does not print are escaped, so
   * that a message stays one line and shows what is invisible. Past 128 characters it is cut.
   */
  public static String of(String value) {
    StringBuilder quoted = new StringBuilder(Math.min(value.length(), MAX_CODE_POINTS) + 8);
    quoted.append('"');
    int index = 0;
    for (int shown = 0; index < value.length() && shown < MAX_CODE_POINTS; shown++) {
      int codePoint = value.codePointAt(index);
      append(quoted, codePoint);
      index += Character.charCount(codePoint);
    }
    if (index < value.length()) {
      quoted.append('…');
    }
    return quoted.append('"').toString();
  }

  private static void append(StringBuilder quoted, int codePoint) {
    switch (codePoint) {
      case '"' -> quoted.append("\\\"");
      case '\\' -> quoted.append("\\\\");
      case '\n' -> quoted.append("\\n");
      case '\r' -> quoted.append("\\r");
      case '\t' -> quoted.append("\\t");
      default -> {
        if (prints(codePoint)) {
          quoted.appendCodePoint(codePoint);
        } else if (codePoint < 0x80) {
          quoted.append(String.format("\\x%02x", codePoint));
        } else if (codePoint < 0x10000) {
          quoted.append(String.format("\\u%04x", codePoint));
        } else {
          quoted.append(String.format("\\U%08x", codePoint));
        }
      }
    }
  }

  private static boolean prints(int codePoint) {
    if (codePoint == ' ') {
      return true;
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
