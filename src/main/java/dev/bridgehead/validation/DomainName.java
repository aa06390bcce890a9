package dev.bridgehead.validation;

import com.ibm.icu.text.IDNA;
import java.util.EnumSet;
import java.util.Locale;

/**
 * A fully qualified domain name in its one form for comparing and looking up: A-labels (UTS 46,
 * nontransitional), lower case, no trailing dot.
 *
 * @param ascii such as {@code smtp.example.net} or {@code xn--bcher-kva.example}
 */
public record DomainName(String ascii) {
  /** What a refusal advises. */
  public static final String ADVICE =
      "must be a fully qualified domain name, such as smtp.example.net";

  private static final int MAX_NAME = 253; // RFC 1035 section 2.3.4, without the root's octet
  private static final int MAX_LABEL = 63;

  /** More than any form of a name can have: nothing longer reaches the converter. */
  private static final int MAX_INPUT = 1024;

  private static final IDNA UTS46 =
      IDNA.getUTS46Instance(
          IDNA.USE_STD3_RULES
              | IDNA.CHECK_BIDI
              | IDNA.CHECK_CONTEXTJ
              | IDNA.NONTRANSITIONAL_TO_ASCII
              | IDNA.NONTRANSITIONAL_TO_UNICODE);

  /**
   * Reads a fully qualified domain name: two labels or more, one trailing dot tolerated.
   *
   * @throws IllegalArgumentException with a sentence that continues "the name …"
   */
  public static DomainName parse(String text) {
    String ascii = labels(text);
    if (ascii.indexOf('.') < 0) {
      throw new IllegalArgumentException(ADVICE + "; this is a single label");
    }
    return new DomainName(ascii);
  }

  /**
   * Any text that stands for a domain in its form for comparing; what is no name comes back in
   * lower case. Never throws.
   */
  public static String canonical(String text) {
    try {
      return labels(text);
    } catch (IllegalArgumentException notAName) {
      String lower = text.toLowerCase(Locale.ROOT);
      return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
  }

  /** One label or more in canonical form. */
  static String labels(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(ADVICE + "; it is empty");
    }
    if (text.length() > MAX_INPUT) {
      throw new IllegalArgumentException(ADVICE + "; it is longer than 253 octets");
    }
    refuseInvisible(text);
    String name = isPlainAscii(text) ? text.toLowerCase(Locale.ROOT) : toAscii(text);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    check(name);
    return name;
  }

  /** UTS 46 would drop a zero-width space silently; who wrote it should know. */
  private static void refuseInvisible(String text) {
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      int type = Character.getType(codePoint);
      if (codePoint == ' ') {
        throw new IllegalArgumentException(ADVICE);
      }
      if (Character.isWhitespace(codePoint)
          || type == Character.SPACE_SEPARATOR
          || type == Character.CONTROL
          || (type == Character.FORMAT && !isJoiner(codePoint))) {
        throw new IllegalArgumentException(ADVICE + "; it contains an invisible character");
      }
      i += Character.charCount(codePoint);
    }
  }

  /** Zero-width joiners belong to some scripts; CONTEXTJ (RFC 5892 appendix A) decides. */
  private static boolean isJoiner(int codePoint) {
    return codePoint == 0x200C || codePoint == 0x200D;
  }

  /** ASCII without an A-label: needs no conversion, and hyphens may stand anywhere inside. */
  private static boolean isPlainAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80)
        && !text.regionMatches(true, 0, "xn--", 0, 4)
        && !text.toLowerCase(Locale.ROOT).contains(".xn--");
  }

  private static String toAscii(String text) {
    StringBuilder ascii = new StringBuilder();
    IDNA.Info outcome = new IDNA.Info();
    UTS46.nameToASCII(text, ascii, outcome);
    EnumSet<IDNA.Error> errors = EnumSet.noneOf(IDNA.Error.class);
    errors.addAll(outcome.getErrors());
    // Hyphens in places 3 and 4 are in use (r1---sn.example); lengths and empty labels are checked
    // below, with the trailing dot off.
    errors.remove(IDNA.Error.HYPHEN_3_4);
    errors.remove(IDNA.Error.EMPTY_LABEL);
    errors.remove(IDNA.Error.LABEL_TOO_LONG);
    errors.remove(IDNA.Error.DOMAIN_NAME_TOO_LONG);
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException(
          ADVICE + "; it is not a valid internationalised name (UTS 46)");
    }
    return ascii.toString().toLowerCase(Locale.ROOT);
  }

  private static void check(String name) {
    if (name.length() > MAX_NAME) {
      throw new IllegalArgumentException(ADVICE + "; it is longer than 253 octets");
    }
    String[] labels = name.split("\\.", -1);
    for (String label : labels) {
      checkLabel(label);
    }
    if (labels[labels.length - 1].chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException(ADVICE + "; its last label is all digits");
    }
  }

  private static void checkLabel(String label) {
    if (label.isEmpty()) {
      throw new IllegalArgumentException(ADVICE + "; it has an empty label");
    }
    if (label.length() > MAX_LABEL) {
      throw new IllegalArgumentException(ADVICE + "; it has a label longer than 63 octets");
    }
    if (label.startsWith("-") || label.endsWith("-")) {
      throw new IllegalArgumentException(
          ADVICE + "; it has a label that begins or ends with a hyphen");
    }
    if (!label.chars().allMatch(DomainName::isLetterDigitHyphen)) {
      throw new IllegalArgumentException(
          ADVICE + "; its labels may hold letters, digits and hyphens only");
    }
  }

  private static boolean isLetterDigitHyphen(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  }

  @Override
  public String toString() {
    return ascii;
  }
}
