package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.mail.DsnParameters.Return;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Xtext;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * MAIL (RFC 5321 section 4.1.1.2).
 *
 * @param reversePath null for {@code <>}
 * @param smtpUtf8 the client asks for SMTPUTF8 (RFC 6531)
 * @param requireTls the client asks for REQUIRETLS (RFC 8689), whether it is offered or not
 * @param size octets announced, 0 where none were
 * @param returned RET, null where it was not given
 * @param envelopeId ENVID as given, null where it was not
 */
record MailCommand(
    @Nullable MailAddress reversePath,
    boolean smtpUtf8,
    boolean requireTls,
    long size,
    @Nullable Return returned,
    @Nullable String envelopeId) {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,20}");

  /**
   * Reads the arguments.
   *
   * @param argument what follows {@code MAIL }
   * @param maxMessageBytes what SIZE may declare at most (RFC 1870 section 6.1)
   * @param auth AUTH is offered, so that its parameter is taken
   */
  static MailCommand parse(String argument, long maxMessageBytes, boolean auth)
      throws RefusedException {
    PathArgument given = PathArgument.parse(argument, "FROM:", 7);
    boolean smtpUtf8 = false;
    boolean requireTls = false;
    long size = 0;
    Return returned = null;
    String envelopeId = null;
    for (Map.Entry<String, String> parameter : given.parameters().values().entrySet()) {
      String value = parameter.getValue();
      switch (parameter.getKey()) {
        case "SIZE" -> size = size(value, maxMessageBytes);
        case "BODY" -> checkBody(value);
        case "SMTPUTF8" -> smtpUtf8 = flag(parameter);
        case "REQUIRETLS" -> requireTls = flag(parameter);
        case "RET" -> returned = DsnSyntax.returned(value);
        case "ENVID" -> envelopeId = DsnSyntax.envelopeId(value);
        case "AUTH" -> checkAuthor(value, auth);
        default -> throw MailParameters.notOffered(parameter.getKey());
      }
    }
    given.requireUtf8(smtpUtf8);
    if (given.path().postmaster()) {
      throw new RefusedException(Refusal.SYNTAX, 501, 1, 7, "a sender needs a domain");
    }
    return new MailCommand(
        given.path().address(), smtpUtf8, requireTls, size, returned, envelopeId);
  }

  /** One that says all by being there. */
  private static boolean flag(Map.Entry<String, String> parameter) throws RefusedException {
    if (!parameter.getValue().isEmpty()) {
      throw MailParameters.syntax(parameter.getKey() + " takes no value");
    }
    return true;
  }

  /**
   * Who first submitted the message, as the client believes (RFC 4954 section 5): taken and left,
   * since nobody here is trusted with it, and no next hop is told.
   */
  private static void checkAuthor(String value, boolean offered) throws RefusedException {
    if (!offered) {
      throw MailParameters.notOffered("AUTH");
    }
    if (value.isEmpty() || Xtext.decoded(value).isEmpty()) {
      throw MailParameters.syntax("AUTH is a mailbox in xtext, or <>");
    }
  }

  private static long size(String value, long maxMessageBytes) throws RefusedException {
    if (!NUMBER.matcher(value).matches()) {
      throw MailParameters.syntax("SIZE is a number of octets, 20 digits at most");
    }
    // 20 digits may overflow a long; a number so big is too big in any case.
    if (value.length() > 18 || Long.parseLong(value) > maxMessageBytes) {
      throw tooBig(maxMessageBytes);
    }
    return Long.parseLong(value);
  }

  static RefusedException tooBig(long maxMessageBytes) {
    return new RefusedException(
        Refusal.TOO_BIG, 552, 3, 4, "message is bigger than " + maxMessageBytes + " octets");
  }

  /** What the content really is decides later; here only what is not offered is refused. */
  private static void checkBody(String value) throws RefusedException {
    if (!value.equalsIgnoreCase("7BIT") && !value.equalsIgnoreCase("8BITMIME")) {
      throw new RefusedException(
          Refusal.UNSUPPORTED_PARAMETER, 555, 5, 4, "BODY is 7BIT or 8BITMIME");
    }
  }
}
