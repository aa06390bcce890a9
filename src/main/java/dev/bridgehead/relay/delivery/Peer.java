package dev.bridgehead.relay.delivery;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.routing.NextHop;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A next hop and how it is spoken to; also words what it did.
 *
 * @param ehloName this server's name
 * @param roots certificates that mode Verified trusts; empty means the system's
 */
record Peer(NextHop hop, String ehloName, TlsMode tls, List<X509Certificate> roots) {
  Peer {
    roots = List.copyOf(roots);
  }

  /** The peer refused something. */
  Diagnostic said(Reason reason, EnhancedStatus fallback, String command, Reply reply) {
    EnhancedStatus own = reply.status();
    EnhancedStatus status = own != null && own.klass() == fallback.klass() ? own : fallback;
    return new Diagnostic(
        reason,
        status,
        "%s said: %s (in reply to %s)".formatted(hop, reply, command),
        hop.host(),
        reply);
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
    return new Diagnostic(reason, status, hop + ": " + text, hop.host(), reply);
  }

  static String text(Exception why) {
    String message = why.getMessage();
    return message == null
        ? why.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
