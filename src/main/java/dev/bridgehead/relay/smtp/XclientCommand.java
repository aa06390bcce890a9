package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig.Access;
import dev.bridgehead.relay.mail.Xtext;
import dev.bridgehead.validation.IpAddress;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * XCLIENT (postfix.org/XCLIENT_README.html): a content filter or proxy says for which client it
 * speaks. The address decides who may relay; the name of HELO serves until the next EHLO. What is
 * known of the client beyond that is taken and left alone: this server looks up no names.
 *
 * @param address null where it stays
 * @param name of HELO; null where it is not known
 * @param extended the client said EHLO
 */
record XclientCommand(@Nullable InetAddress address, @Nullable String name, boolean extended) {
  /** What EHLO says to those who may. */
  static final String KEYWORD = "XCLIENT NAME ADDR PORT PROTO HELO";

  private enum Attribute {
    NAME,
    ADDR,
    PORT,
    PROTO,
    HELO
  }

  /** Reads the arguments. */
  static XclientCommand parse(String argument) throws RefusedException {
    Map<Attribute, String> values = new EnumMap<>(Attribute.class);
    for (String each : argument.split(" +")) {
      int equals = each.indexOf('=');
      if (equals < 0) {
        throw MailParameters.syntax("XCLIENT takes attributes with values, such as ADDR=192.0.2.1");
      }
      if (values.put(attribute(each.substring(0, equals)), each.substring(equals + 1)) != null) {
        throw MailParameters.syntax("an attribute is given twice");
      }
    }
    String name = values.get(Attribute.HELO);
    boolean extended = !"SMTP".equalsIgnoreCase(values.get(Attribute.PROTO));
    return new XclientCommand(
        address(values.get(Attribute.ADDR)),
        name == null || isUnknown(name) ? null : decoded(name),
        extended);
  }

  private static Attribute attribute(String name) throws RefusedException {
    for (Attribute each : Attribute.values()) {
      if (each.name().equalsIgnoreCase(name)) {
        return each;
      }
    }
    throw MailParameters.syntax("EHLO says which attributes XCLIENT takes");
  }

  private static boolean isUnknown(String value) {
    return value.equalsIgnoreCase("[UNAVAILABLE]") || value.equalsIgnoreCase("[TEMPUNAVAIL]");
  }

  private static String decoded(String value) throws RefusedException {
    return Xtext.decoded(value)
        .orElseThrow(() -> MailParameters.syntax("values of XCLIENT are xtext"));
  }

  /** An unknown client is refused: it could otherwise count as the peer, which may relay. */
  private static @Nullable InetAddress address(@Nullable String value) throws RefusedException {
    if (value == null) {
      return null;
    }
    String text = decoded(value);
    boolean tagged = text.toLowerCase(Locale.ROOT).startsWith("ipv6:");
    return IpAddress.parse(tagged ? text.substring("IPV6:".length()) : text)
        .orElseThrow(() -> MailParameters.syntax("ADDR is an address, IPv6 with IPV6: before it"));
  }

  private Client named(Client client, String helo) throws RefusedException {
    try {
      return client.named(helo, extended);
    } catch (RefusedException faulty) {
      throw MailParameters.syntax("HELO is a host name or an address in brackets");
    }
  }

  /**
   * The client for which a peer speaks from now on, where it may.
   *
   * @param before who it was so far; its address stays where none is given, and its TLS
   */
  static Client client(String argument, Client before, InetAddress peer, Access access)
      throws RefusedException {
    if (!access.maySpeakForOthers(peer)) {
      throw new RefusedException(
          Refusal.FORBIDDEN_COMMAND, 550, 7, 0, "XCLIENT is for access.xclientPeers only");
    }
    XclientCommand said = parse(argument);
    Client client = before.at(said.address == null ? before.address() : said.address);
    return said.name == null ? client : said.named(client, said.name);
  }
}
