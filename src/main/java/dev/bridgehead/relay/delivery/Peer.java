package dev.bridgehead.relay.delivery;

import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.policy.TlsDemand;
import dev.bridgehead.relay.routing.NextHop;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A next hop and how it is spoken to; also words what it did.
 *
 * @param ehloName this server's name
 * @param tls what a session must have
 * @param roots certificates that are trusted where a trusted CA's is asked for; empty means the
 *     system's
 * @param own this server's certificate, for a peer that asks for one; null: none
 */
record Peer(
    NextHop hop,
    String ehloName,
    TlsDemand tls,
    List<X509Certificate> roots,
    @Nullable TlsKeyPair own) {
  /** Characters of what a peer says that are kept and logged, for each recipient. */
  static final int MOST_TEXT = 1000;

  Peer {
    roots = List.copyOf(roots);
  }

  /** The same, spoken to in clear text. */
  Peer plain() {
    return new Peer(hop, ehloName, TlsDemand.NEVER, roots, own);
  }

  /** The peer refused something. */
  Diagnostic said(Reason reason, EnhancedStatus fallback, String command, Reply reply) {
    EnhancedStatus own = reply.status();
    EnhancedStatus status = own != null && own.klass() == fallback.klass() ? own : fallback;
    Reply kept = brief(reply);
    return new Diagnostic(
        reason,
        status,
        "%s said: %s (in reply to %s)".formatted(hop, kept, command),
        hop.host(),
        kept);
  }

  /** The session broke without a reply. */
  Diagnostic broke(EnhancedStatus status, String stage, IOException why) {
    Reason reason =
        switch (why) {
          case SocketTimeoutException _ -> Reason.TIMEOUT;
          case ProtocolFault _ -> Reason.REPLY;
          default -> Reason.CONNECTION_LOST;
        };
    return here(reason, status, "%s: %s".formatted(stage, text(why)), null);
  }

  /** Something else about this peer. */
  Diagnostic here(Reason reason, EnhancedStatus status, String text, @Nullable Reply reply) {
    Reply kept = reply == null ? null : brief(reply);
    return new Diagnostic(reason, status, hop + ": " + cut(text, MOST_TEXT), hop.host(), kept);
  }

  /** The first {@link #MOST_TEXT} characters. */
  static Reply brief(Reply reply) {
    List<String> lines = new ArrayList<>();
    int room = MOST_TEXT;
    for (String line : reply.lines()) {
      if (line.length() > room) {
        lines.add(cut(line, room));
        return new Reply(reply.code(), reply.status(), lines);
      }
      lines.add(line);
      room -= line.length();
    }
    return reply;
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    boolean pair = most > 0 && Character.isHighSurrogate(text.charAt(most - 1));
    return text.substring(0, pair ? most - 1 : most) + "...";
  }

  static String text(Exception why) {
    String message = why.getMessage();
    return message == null
        ? why.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
