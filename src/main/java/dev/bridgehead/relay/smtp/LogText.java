package dev.bridgehead.relay.smtp;

/** Text of a client on its way into a log line. */
final class LogText {
  private static final int MAX = 320;

  private LogText() {}

  /**
   * Letters, digits and printable ASCII as they are, all else as {@code \\u{…}}, cut to a bound:
   * what a client sends can neither begin a line nor reorder one.
   */
  static String of(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), MAX));
    for (int i = 0; i < text.length(); ) {
      if (out.length() >= MAX) {
        return out.append('…').toString();
      }
      int codePoint = text.codePointAt(i);
      boolean printable = codePoint >= 0x20 && codePoint < 0x7F && codePoint != '\\';
      if (printable || (codePoint > 0x7F && Character.isLetterOrDigit(codePoint))) {
        out.appendCodePoint(codePoint);
      } else {
        out.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
      }
      i += Character.charCount(codePoint);
    }
    return out.toString();
  }
}
