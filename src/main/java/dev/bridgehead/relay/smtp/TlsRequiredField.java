package dev.bridgehead.relay.smtp;

/**
 * The field {@code TLS-Required} (RFC 8689 section 3), read octet by octet, however it is folded.
 * One with another value than {@code No} says nothing, and so do several.
 */
final class TlsRequiredField {
  private static final String NO = "no";

  private int fields;
  private int matched;
  private boolean other;

  /** Its colon was there: the octets up to the next field's name are its value. */
  void begin() {
    fields++;
  }

  /** The next octet of the value, line ends among them. */
  void value(byte octet) {
    boolean blank = octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
    if (blank) {
      other |= matched == 1;
    } else if (matched < NO.length() && (octet | 0x20) == NO.charAt(matched)) {
      matched++;
    } else {
      other = true;
    }
  }

  /** The sender would rather have the message go in clear text than not at all. */
  boolean saysNo() {
    return fields == 1 && matched == NO.length() && !other;
  }
}
