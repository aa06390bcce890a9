package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.DomainName;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A reverse-path or forward-path in angle brackets, as RFC 5321 section 4.1.2 has it and no wider.
 *
 * <p>{@code user%host@carried} and {@code host!user@carried} are local parts like any other: the
 * relay routes by the domain and never looks inside. A source route ({@code <@a,@b:user@c>}) is
 * refused: section 3.6.1 lets a server do so, and no other reader downstream can then take another
 * part for the domain.
 *
 * @param address null where there is none: {@code <>} or {@code <postmaster>}
 * @param postmaster {@code <postmaster>} without a domain, in any case (section 4.1.1.3)
 * @param nonAscii needs SMTPUTF8 (RFC 6531 section 3.3)
 */
record MailPath(@Nullable MailAddress address, boolean postmaster, boolean nonAscii) {
  /** Octets, brackets included (RFC 5321 section 4.5.3.1.3). */
  static final int MAX_PATH = 256;

  /** Octets, quotes included (section 4.5.3.1.1). */
  static final int MAX_LOCAL_PART = 64;

  private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

  /**
   * Where the path that begins at {@code start} ends.
   *
   * @return the index after the closing bracket
   * @throws IllegalArgumentException with a sentence where there is no path
   */
  static int endOf(String text, int start) {
    if (start >= text.length() || text.charAt(start) != '<') {
      throw new IllegalArgumentException("the address must stand in angle brackets: <user@domain>");
    }
    boolean quoted = false;
    for (int i = start + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '>' && !quoted) {
        return i + 1;
      }
    }
    throw new IllegalArgumentException("the closing angle bracket is missing");
  }

  /**
   * Reads a path.
   *
   * @param text with its brackets, free of control characters
   * @throws IllegalArgumentException with a sentence for the reply, in ASCII
   */
  static MailPath parse(String text) {
    if (text.getBytes(UTF_8).length > MAX_PATH) {
      throw new IllegalArgumentException("the path is longer than 256 octets");
    }
    String inner = text.substring(1, text.length() - 1);
    if (inner.isEmpty()) {
      return new MailPath(null, false, false);
    }
    boolean nonAscii = inner.chars().anyMatch(c -> c > 0x7F);
    if (!nonAscii && inner.equalsIgnoreCase("postmaster")) {
      return new MailPath(null, true, false);
    }
    if (inner.startsWith("@")) {
      throw new IllegalArgumentException("source routes are not accepted");
    }
    int at = inner.startsWith("\"") ? endOfQuoted(inner) : endOfAtoms(inner);
    String local = inner.substring(0, at);
    if (local.getBytes(UTF_8).length > MAX_LOCAL_PART) {
      throw new IllegalArgumentException("the local part is longer than 64 octets");
    }
    if (at == inner.length()) {
      throw new IllegalArgumentException("the domain is missing");
    }
    if (inner.charAt(at) != '@') {
      throw new IllegalArgumentException("the local part has a character that needs quotes");
    }
    return new MailPath(new MailAddress(local, domain(inner.substring(at + 1))), false, nonAscii);
  }

  /** Dot-string = Atom *("." Atom). */
  private static int endOfAtoms(String text) {
    int i = 0;
    boolean atomOpen = false;
    for (; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        if (!atomOpen) {
          throw emptyAtom();
        }
        atomOpen = false;
      } else if (isAtomText(c)) {
        atomOpen = true;
      } else {
        break;
      }
    }
    if (!atomOpen) {
      throw i == 0 ? new IllegalArgumentException("the local part is missing") : emptyAtom();
    }
    return i;
  }

  private static IllegalArgumentException emptyAtom() {
    return new IllegalArgumentException(
        "a local part that begins or ends with a dot, or has two in a row, needs quotes");
  }

  private static boolean isAtomText(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || ATOM_SPECIALS.indexOf(c) >= 0
        || isUtf8Text(c);
  }

  /** Quoted-string = DQUOTE *QcontentSMTP DQUOTE; control characters are out already. */
  private static int endOfQuoted(String text) {
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        return i + 1;
      }
      if (c == '\\') {
        i++;
        if (i < text.length() && text.charAt(i) > 0x7E) {
          throw new IllegalArgumentException("a backslash quotes ASCII characters only");
        }
      } else if (c > 0x7E && !isUtf8Text(c)) {
        throw new IllegalArgumentException("the local part has a character that is not allowed");
      }
    }
    throw new IllegalArgumentException("the closing quote of the local part is missing");
  }

  /** UTF8-non-ascii (RFC 6531 section 3.3) but controls and separators of lines. */
  private static boolean isUtf8Text(char c) {
    return c > 0x9F && c != '\u2028' && c != '\u2029' && c != '\uFEFF' && c != '\uFFFD';
  }

  private static String domain(String text) {
    if (text.startsWith("[")) {
      return literal(text);
    }
    if (text.endsWith(".")) {
      throw new IllegalArgumentException("the domain must not end with a dot");
    }
    try {
      return isSingleLabel(text) ? text.toLowerCase(Locale.ROOT) : DomainName.parse(text).ascii();
    } catch (IllegalArgumentException notAName) {
      throw new IllegalArgumentException("the domain is not a valid domain name", notAName);
    }
  }

  /**
   * {@code root@web-7d9f}: programs in pods send so, and the grammar allows it. It goes through
   * unchanged; whether it can be reached is the delivery's business.
   */
  private static boolean isSingleLabel(String text) {
    return text.indexOf('.') < 0
        && text.length() <= 63
        && text.matches("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
        && !text.matches("[0-9]+");
  }

  /** Unlike a smart host's, IPv6 needs its tag here (RFC 5321 section 4.1.3). */
  private static String literal(String text) {
    boolean tagged = text.regionMatches(true, 1, "IPv6:", 0, 5);
    if (tagged != (text.indexOf(':') >= 0) || text.chars().anyMatch(c -> c > 0x7F)) {
      throw new IllegalArgumentException("the domain is not a valid address literal");
    }
    try {
      AddressLiteral.parse(text);
    } catch (IllegalArgumentException notAnAddress) {
      throw new IllegalArgumentException("the domain is not a valid address literal", notAnAddress);
    }
    return text.toLowerCase(Locale.ROOT).replace("[ipv6:", "[IPv6:");
  }
}
