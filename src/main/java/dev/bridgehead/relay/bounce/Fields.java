package dev.bridgehead.relay.bounce;

import java.util.ArrayList;
import java.util.List;

/** Header fields from texts that a stranger wrote: no line breaks, no endless lines. */
final class Fields {
  private static final int WIDTH = 76;

  /** A reply's text beyond this tells nobody anything. */
  private static final int MOST = 1000;

  /** Characters of a text, each at most 3 octets, that fit a line: RFC 5322 section 2.1.1. */
  private static final int LONGEST = 228;

  private Fields() {}

  /** Printable ASCII; anything else becomes a question mark. */
  static String ascii(String text) {
    return replaced(text, false);
  }

  /** No control characters. */
  static String printable(String text) {
    return replaced(text, true);
  }

  private static String replaced(String text, boolean unicode) {
    StringBuilder clean = new StringBuilder();
    text.codePoints()
        .limit(MOST)
        .forEach(
            c -> {
              boolean keep = unicode ? !Character.isISOControl(c) : c >= ' ' && c < 127;
              clean.appendCodePoint(keep ? c : c == '\t' ? ' ' : '?');
            });
    return clean.toString();
  }

  /** A field folded at blanks; a word that is too long for a line is cut into pieces. */
  static List<String> folded(String name, String value) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(name).append(':');
    for (String word : value.strip().split(" +")) {
      String rest = word;
      if (line.length() + 1 + rest.length() > WIDTH && !line.toString().isBlank()) {
        lines.add(line.toString());
        line = new StringBuilder();
      }
      while (rest.length() > WIDTH * 10) { // RFC 5322 section 2.1.1: 998 at most
        lines.add(line + " " + rest.substring(0, WIDTH * 10));
        line = new StringBuilder();
        rest = rest.substring(WIDTH * 10);
      }
      line.append(' ').append(rest);
    }
    lines.add(line.toString());
    return lines;
  }

  /** A text wrapped at blanks, each line indented; a word that is too long is cut into pieces. */
  static List<String> wrapped(String text, String indent) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(indent);
    for (String word : text.strip().split(" +")) {
      if (line.length() > indent.length() && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(indent);
      }
      String rest = word;
      while (rest.length() > LONGEST) {
        int end = Character.isHighSurrogate(rest.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        lines.add(line + rest.substring(0, end));
        line = new StringBuilder(indent);
        rest = rest.substring(end);
      }
      line.append(line.length() > indent.length() ? " " : "").append(rest);
    }
    lines.add(line.toString());
    return lines;
  }
}
