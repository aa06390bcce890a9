package dev.bridgehead.relay.mail;

/**
 * A mailbox of an envelope (RFC 5321 §4.1.2 Mailbox, RFC 6531 for UTF-8). Grammar is the parser's;
 * this record only holds the parts.
 *
 * @param localPart as the client wrote it, quotes included; case is kept
 * @param domain a domain as A-labels in lower case, or an address literal with its brackets
 */
public record MailAddress(String localPart, String domain) {
  /** {@code local@domain}. */
  @Override
  public String toString() {
    return localPart + "@" + domain;
  }
}
