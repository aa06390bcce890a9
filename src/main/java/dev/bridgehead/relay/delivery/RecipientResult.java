package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;

/** What one transaction came to for one recipient. */
sealed interface RecipientResult {
  /** Nothing more is to be tried in this attempt. */
  record Settled(Outcome outcome) implements RecipientResult {}

  /** A 4xx to this recipient or to its message: one more host may be asked. */
  record Refused(Diagnostic why) implements RecipientResult {}

  /** The session ended before the message was handed over: the next host may be asked. */
  record Unserved(Diagnostic why) implements RecipientResult {}

  /** Too many recipients for one transaction (RFC 5321 §4.5.3.1.10): another follows at once. */
  record Surplus(Diagnostic why) implements RecipientResult {}
}
