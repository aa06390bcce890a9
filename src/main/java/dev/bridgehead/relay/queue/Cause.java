package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a message was put off, fit to be shown to who may not see mail: in a status, say.
 *
 * @param host that said so, null where none did
 * @param code of its reply, 0 where there was none
 * @param text one line
 */
record Cause(@Nullable String host, Reason reason, EnhancedStatus status, int code, String text) {
  private static final int LONGEST_TEXT = 250;
  private static final int LONGEST_NAME = 253;

  /** Of a reply's text, the more telling part comes first. */
  private static final int LONGEST_REPLY = 120;

  /** Replies to RCPT name the recipient, and may name others. */
  private static final Pattern ADDRESS = Pattern.compile("[^\\s<>]*@[^\\s<>]*");

  /**
   * What causes are counted by: words may differ from message to message.
   *
   * @param nextHop the host, or else the destination
   */
  record Kind(String nextHop, Reason reason, EnhancedStatus status, int code) {
    /** As a status may show it. */
    Deferral deferral(long messages, String text) {
      return new Deferral(messages, shown(nextHop, LONGEST_NAME), reason, status, text);
    }
  }

  static Cause of(Diagnostic why) {
    Reply reply = why.reply();
    String text = why.text();
    if (reply != null) {
      text = text.replace(reply.toString(), brief(reply, why.reason()));
    }
    return new Cause(
        why.remoteMta(),
        why.reason(),
        why.status(),
        reply == null ? 0 : reply.code(),
        shown(ADDRESS.matcher(text).replaceAll("…"), LONGEST_TEXT));
  }

  /** The same with no words but ours. */
  Cause withoutWords(String instead) {
    return new Cause(null, reason, status, code, instead);
  }

  Kind kind(String destination) {
    return new Kind(host == null ? destination : host, reason, status, code);
  }

  /** A host that refuses a password might repeat it. */
  private static String brief(Reply reply, Reason reason) {
    String codes = reply.status() == null ? "" + reply.code() : reply.code() + " " + reply.status();
    return reason == Reason.AUTH
        ? codes
        : codes + " " + cut(String.join(" ", reply.lines()), LONGEST_REPLY);
  }

  /** What a peer says can neither begin a line nor reorder one. */
  private static String shown(String text, int most) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            each ->
                out.appendCodePoint(
                    (each >= 0x20 && each < 0x7F) || each == '…' || Character.isLetterOrDigit(each)
                        ? each
                        : '?'));
    return cut(out.toString(), most);
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
    return text.substring(0, end) + "…";
  }
}
