package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.DsnParameters.Return;
import dev.bridgehead.relay.mail.Xtext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The values of the DSN extension's parameters (RFC 3461 §4, RFC 6533 §3). */
final class DsnSyntax {
  /** RFC 3461 §4.4 and §4.2. */
  private static final int MAX_ENVELOPE_ID = 100;

  private static final int MAX_ORIGINAL_RECIPIENT = 500;

  private static final String RFC822 = "rfc822;";
  private static final String UTF8 = "utf-8;";

  /** An atom (RFC 5322 §3.2.3). */
  private static final Pattern ADDRESS_TYPE = Pattern.compile("[A-Za-z0-9!#$%&'*+/?^_`{|}~-]+");

  /** RFC 6533 §3: utf-8-addr-xtext. */
  private static final Pattern UTF8_ADDRESS =
      Pattern.compile("(?:[!-*,-<>-\\[\\]-~]|\\\\x\\{(?:[0-9A-F]{2,5}|10[0-9A-F]{4})})+");

  private DsnSyntax() {}

  static Return returned(String value) throws RefusedException {
    return switch (value.toUpperCase(Locale.ROOT)) {
      case "FULL" -> Return.FULL;
      case "HDRS" -> Return.HDRS;
      default -> throw MailParameters.syntax("RET is FULL or HDRS");
    };
  }

  /** ENVID, still encoded. */
  static String envelopeId(String value) throws RefusedException {
    if (value.isEmpty() || value.length() > MAX_ENVELOPE_ID || Xtext.decoded(value).isEmpty()) {
      throw MailParameters.syntax("ENVID is xtext of 100 characters at most");
    }
    return value;
  }

  /** NOTIFY; empty is NEVER. */
  static Set<Notify> notifyOn(String value) throws RefusedException {
    Set<Notify> kinds = EnumSet.noneOf(Notify.class);
    if (value.equalsIgnoreCase("NEVER")) {
      return kinds;
    }
    for (String word : value.split(",", -1)) {
      switch (word.toUpperCase(Locale.ROOT)) {
        case "SUCCESS" -> kinds.add(Notify.SUCCESS);
        case "FAILURE" -> kinds.add(Notify.FAILURE);
        case "DELAY" -> kinds.add(Notify.DELAY);
        default ->
            throw MailParameters.syntax(
                "NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY with commas between");
      }
    }
    return kinds;
  }

  /** ORCPT in ASCII: UTF-8, which only SMTPUTF8 allows, is encoded for those who come after. */
  static String originalRecipient(String value, boolean smtpUtf8) throws RefusedException {
    String ascii = smtpUtf8 ? encoded(value) : value;
    if (ascii.regionMatches(true, 0, RFC822, 0, RFC822.length())) {
      ascii =
          internationalText(ascii.substring(RFC822.length())).map(it -> UTF8 + it).orElse(ascii);
    }
    int semicolon = ascii.indexOf(';');
    boolean typed = semicolon > 0 && ADDRESS_TYPE.matcher(ascii.substring(0, semicolon)).matches();
    if (!typed || ascii.length() > MAX_ORIGINAL_RECIPIENT || !address(ascii, semicolon)) {
      throw MailParameters.syntax(
          "ORCPT is type;address, the address in xtext, 500 characters at most");
    }
    return ascii;
  }

  private static boolean address(String value, int semicolon) {
    String address = value.substring(semicolon + 1);
    return value.substring(0, semicolon).equalsIgnoreCase("utf-8")
        ? UTF8_ADDRESS.matcher(address).matches()
        : !address.isEmpty() && Xtext.decoded(address).isPresent();
  }

  /**
   * Postfix says of an address in UTF-8 that its type is rfc822, which is ASCII, and puts its
   * octets into xtext. RFC 6533 has a type of its own for it. Empty for what is ASCII, no UTF-8, or
   * hides a control character.
   */
  private static Optional<String> internationalText(String xtext) {
    return Xtext.octets(xtext)
        .flatMap(DsnSyntax::utf8)
        .filter(text -> text.chars().anyMatch(c -> c >= 0x80))
        .filter(text -> text.codePoints().noneMatch(Character::isISOControl))
        .map(text -> escaped(text, " +=\\"));
  }

  private static Optional<String> utf8(byte[] octets) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString());
    } catch (CharacterCodingException notUtf8) {
      return Optional.empty();
    }
  }

  private static String encoded(String value) {
    return value.regionMatches(true, 0, UTF8, 0, UTF8.length()) ? escaped(value, "") : value;
  }

  /** What is not ASCII, and some characters that are, in RFC 6533's encoding. */
  private static String escaped(String text, String also) {
    StringBuilder ascii = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c < 0x80 && also.indexOf(c) < 0) {
                ascii.append((char) c);
              } else {
                ascii.append("\\x{").append(Integer.toHexString(c).toUpperCase(Locale.ROOT));
                ascii.append('}');
              }
            });
    return ascii.toString();
  }
}
