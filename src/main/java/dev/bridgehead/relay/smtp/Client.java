package dev.bridgehead.relay.smtp;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * Who is at the other end.
 *
 * @param name as it calls itself, validated; empty before EHLO and HELO
 * @param extended it said EHLO
 */
record Client(InetAddress address, String name, boolean extended) {
  private static final int MAX_NAME = 255;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+|\\[[A-Za-z0-9.:]+]");

  /** Before it said anything. */
  static Client unnamed(InetAddress address) {
    return new Client(address, "", false);
  }

  /** Whether it has said EHLO or HELO. */
  boolean greeted() {
    return !name.isEmpty();
  }

  /**
   * After EHLO or HELO. The name goes into the Received field, so it may hold what names and
   * address literals hold and nothing else; that it is no FQDN (pods and desktops have none) or has
   * an underscore is let pass.
   */
  Client named(String argument, boolean ehlo) throws RefusedException {
    if (argument.length() > MAX_NAME || !NAME.matcher(argument).matches()) {
      throw MailParameters.syntax("expected a host name or an address in brackets");
    }
    return new Client(address, argument, ehlo);
  }

  /** For logs. */
  @Override
  public String toString() {
    return TraceFields.literal(address) + (greeted() ? " (" + name + ")" : "");
  }
}
