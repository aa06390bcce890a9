package dev.bridgehead.relay.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A command line taken apart.
 *
 * @param argument what follows the verb and one space, trailing spaces off (RFC 5321 section
 *     4.1.1); free of control characters
 */
record CommandLine(Verb verb, String argument) {
  /** The commands this server knows of. */
  enum Verb {
    EHLO,
    HELO,
    MAIL,
    RCPT,
    DATA,
    RSET,
    NOOP,
    QUIT,
    VRFY,
    HELP,
    EXPN,
    AUTH,
    STARTTLS,
    BDAT,
    ETRN,
    TURN,
    SEND,
    SOML,
    SAML,
    GET,
    POST,
    PUT,
    HEAD,
    CONNECT,
    OPTIONS,
    PROXY,
    XCLIENT,
    UNKNOWN
  }

  private static final Map<String, Verb> VERBS =
      Arrays.stream(Verb.values())
          .filter(verb -> verb != Verb.UNKNOWN)
          .collect(Collectors.toUnmodifiableMap(Verb::name, Function.identity()));

  /**
   * Takes a line apart; a verb is matched whole and in any case.
   *
   * @param octets without the CRLF
   */
  static CommandLine parse(byte[] octets) throws RefusedException {
    for (byte octet : octets) {
      if ((octet >= 0 && octet < ' ') || octet == 0x7F) {
        throw syntax("control characters are not allowed in a command");
      }
    }
    int length = octets.length;
    while (length > 0 && octets[length - 1] == ' ') {
      length--;
    }
    String text = decode(Arrays.copyOf(octets, length));
    int space = text.indexOf(' ');
    String verb = space < 0 ? text : text.substring(0, space);
    String argument = space < 0 ? "" : text.substring(space + 1);
    // ASCII only: a dotless i has an I as its upper case.
    boolean ascii = verb.chars().allMatch(c -> c < 0x80);
    String key = ascii ? verb.toUpperCase(Locale.ROOT) : "";
    return new CommandLine(VERBS.getOrDefault(key, Verb.UNKNOWN), argument);
  }

  private static String decode(byte[] octets) throws RefusedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException notUtf8) {
      throw syntax("a command is ASCII, or UTF-8 in an address");
    }
  }

  private static RefusedException syntax(String text) {
    return new RefusedException(Refusal.SYNTAX, 500, 5, 2, text);
  }
}
