package dev.bridgehead.validation;

/**
 * A mail address: {@code addr-spec} (RFC 5321 section 4.1.2 Mailbox) at a fully qualified domain.
 *
 * @param localPart as written, quotes included
 * @param domain where it is
 */
public record MailAddress(String localPart, DomainName domain) {
  private static final String ADVICE = "must be a mail address, such as postmaster@example.com";
  private static final int MAX_LOCAL_PART = 64; // RFC 5321 section 4.5.3.1.1
  private static final int MAX_ADDRESS = 254; // section 4.5.3.1.3, without the brackets

  /**
   * Reads an address without angle brackets, comment or display name.
   *
   * @throws IllegalArgumentException with advice
   */
  public static MailAddress parse(String text) {
    if (text.length() > MAX_ADDRESS) {
      throw new IllegalArgumentException(ADVICE + "; it is longer than 254 octets");
    }
    int at = text.lastIndexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException(ADVICE + "; it has no @");
    }
    String localPart = text.substring(0, at);
    if (localPart.length() > MAX_LOCAL_PART) {
      throw new IllegalArgumentException(
          ADVICE + "; what is before the @ is longer than 64 octets");
    }
    if (!isDotString(localPart) && !isQuotedString(localPart)) {
      throw new IllegalArgumentException(ADVICE + "; what is before the @ is not a local part");
    }
    try {
      return new MailAddress(localPart, DomainName.parse(text.substring(at + 1)));
    } catch (IllegalArgumentException domain) {
      throw new IllegalArgumentException(
          ADVICE + "; what is behind the @ is not a fully qualified domain name", domain);
    }
  }

  private static boolean isDotString(String text) {
    boolean atomOpen = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.' ? !atomOpen : !isAtomText(c)) {
        return false;
      }
      atomOpen = c != '.';
    }
    return atomOpen;
  }

  private static boolean isAtomText(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
  }

  private static boolean isQuotedString(String text) {
    int last = text.length() - 1;
    if (last < 1 || text.charAt(0) != '"' || text.charAt(last) != '"') {
      return false;
    }
    for (int i = 1; i < last; i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      }
      if (i == last || c == '"' || text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return localPart + "@" + domain;
  }
}
