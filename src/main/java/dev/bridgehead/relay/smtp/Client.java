package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.Reply;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end.
 *
 * @param name as it calls itself, validated; empty before EHLO and HELO
 * @param extended it said EHLO
 * @param tls null in the clear
 * @param user who it proved to be (RFC 4954); null: nobody in particular
 */
record Client(
    InetAddress address, String name, boolean extended, @Nullable Tls tls, @Nullable String user) {
  /** What it speaks, such as TLSv1.3 with TLS_AES_128_GCM_SHA256. */
  record Tls(String protocol, String cipherSuite) {
    @Override
    public String toString() {
      return protocol + " with cipher " + cipherSuite;
    }
  }

  private static final int MAX_NAME = 255;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+|\\[[A-Za-z0-9.:]+]");

  /** Before it said anything. */
  static Client unnamed(InetAddress address) {
    return new Client(address, "", false, null, null);
  }

  /** After a handshake, which ends all that was known before (RFC 3207 section 4.2). */
  Client secured(Tls by) {
    return new Client(address, "", false, by, null);
  }

  /** After XCLIENT: somebody else, who has neither said a name nor logged in, over the same TLS. */
  Client at(InetAddress other) {
    return new Client(other, "", false, tls, null);
  }

  /** After AUTH. */
  Client authenticated(String as) {
    return new Client(address, name, extended, tls, as);
  }

  /** By its address, or by who it is, as the configuration has it now. */
  boolean mayRelay(RelayConfig.Access access) {
    return access.mayRelay(address) || (user != null && access.accounts().has(user));
  }

  /** Of the {@code with} clause of Received (RFC 3848, RFC 6531 section 4.3). */
  String protocol(boolean smtpUtf8) {
    if (!extended) {
      return "SMTP";
    }
    return (smtpUtf8 ? "UTF8SMTP" : "ESMTP") + (tls == null ? "" : "S") + (user == null ? "" : "A");
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
      // RFC 2034 section 4: replies to EHLO and HELO have no enhanced code.
      throw new RefusedException(
          new Answer(
              new Reply(501, null, List.of("expected a host name or an address in brackets")),
              Refusal.SYNTAX,
              false));
    }
    return new Client(address, argument, ehlo, tls, user);
  }

  /** For logs. */
  @Override
  public String toString() {
    return TraceFields.literal(address) + (greeted() ? " (" + name + ")" : "");
  }
}
