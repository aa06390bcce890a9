package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Reply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the server says to a command, and what follows from it.
 *
 * @param refusal null where nothing was refused
 * @param closes the session ends with it
 */
record Answer(Reply reply, @Nullable Refusal refusal, boolean closes) {
  /** A positive reply with the enhanced status of its class, subject and detail. */
  static Answer ok(int code, int subject, int detail, String text) {
    return new Answer(
        new Reply(code, new EnhancedStatus(2, subject, detail), List.of(text)), null, false);
  }

  /** A reply without an enhanced status: greeting, EHLO, HELO, 354 (RFC 2034 section 3). */
  static Answer plain(int code, List<String> lines) {
    return new Answer(new Reply(code, null, lines), null, false);
  }

  /** A negative reply; the enhanced status has the class of the code. */
  static Answer refused(Refusal why, int code, int subject, int detail, String text) {
    return new Answer(
        new Reply(code, new EnhancedStatus(code / 100, subject, detail), List.of(text)),
        why,
        false);
  }

  /** The same, and then the session ends. */
  Answer closing() {
    return new Answer(reply, refusal, true);
  }
}
