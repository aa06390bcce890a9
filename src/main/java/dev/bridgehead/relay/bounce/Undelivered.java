package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;

/**
 * A recipient whose sender is to be told.
 *
 * @param why the last diagnostic
 */
public record Undelivered(MailAddress recipient, Diagnostic why) {}
