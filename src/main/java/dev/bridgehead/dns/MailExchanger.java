package dev.bridgehead.dns;

/**
 * An MX record (RFC 1035 §3.3.9).
 *
 * @param preference 0-65535, lower first
 * @param host absolute, lower case, without the trailing dot; empty where the record names the root
 */
public record MailExchanger(int preference, String host) {
  /**
   * The record names the root: alone in its set it says that the domain takes no mail (RFC 7505).
   */
  public boolean nullMx() {
    return host.isEmpty();
  }
}
