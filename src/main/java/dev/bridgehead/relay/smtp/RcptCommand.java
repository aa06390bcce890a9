package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import java.util.Map;
import java.util.Set;

/**
 * RCPT (RFC 5321 section 4.1.1.3).
 *
 * @param path never {@code <>}
 * @param dsn what was asked to be told (RFC 3461)
 */
record RcptCommand(MailPath path, ForRecipient dsn) {
  /**
   * Reads the arguments.
   *
   * @param argument what follows {@code RCPT }
   * @param smtpUtf8 MAIL asked for it
   */
  static RcptCommand parse(String argument, boolean smtpUtf8) throws RefusedException {
    PathArgument given = PathArgument.parse(argument, "TO:", 3);
    Set<Notify> notifyOn = null;
    String originalRecipient = null;
    for (Map.Entry<String, String> parameter : given.parameters().values().entrySet()) {
      String value = parameter.getValue();
      switch (parameter.getKey()) {
        case "NOTIFY" -> notifyOn = DsnSyntax.notifyOn(value);
        case "ORCPT" -> originalRecipient = DsnSyntax.originalRecipient(value, smtpUtf8);
        default -> throw MailParameters.notOffered(parameter.getKey());
      }
    }
    given.requireUtf8(smtpUtf8);
    if (given.path().address() == null && !given.path().postmaster()) {
      throw new RefusedException(Refusal.SYNTAX, 501, 1, 3, "a recipient needs an address");
    }
    boolean nothing = notifyOn == null && originalRecipient == null;
    return new RcptCommand(
        given.path(), nothing ? ForRecipient.NONE : new ForRecipient(notifyOn, originalRecipient));
  }
}
