package dev.bridgehead.relay.smtp;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.smtp.CommandLine.Verb;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one session says and does about TLS (RFC 3207). Used by the session's thread. */
final class SessionTls {
  private static final Logger LOG = LoggerFactory.getLogger(SessionTls.class);

  /** What is not taken in the clear where TLS is required. */
  private static final Set<Verb> NEEDS_TLS =
      Set.of(Verb.MAIL, Verb.RCPT, Verb.VRFY, Verb.EXPN, Verb.ETRN, Verb.AUTH);

  private final Surroundings around;
  private final Connection connection;

  SessionTls(Surroundings around, Connection connection) {
    this.around = around;
    this.connection = connection;
  }

  /** Whether EHLO says STARTTLS. */
  boolean offeredTo(Client client) {
    return client.tls() == null && around.tls().offered();
  }

  /** RFC 3207 section 4: who must use TLS does so before anything that matters. */
  void judge(Verb verb, Client client) throws RefusedException {
    InboundTls tls = around.config().get().listening().tls();
    if (client.tls() == null && tls != null && tls.required() && NEEDS_TLS.contains(verb)) {
      throw new RefusedException(
          Refusal.TLS_REQUIRED, 530, 7, 0, "must issue a STARTTLS command first");
    }
  }

  /** Whether EHLO says REQUIRETLS (RFC 8689 section 2): never in the clear. */
  boolean offersRequireTls(Client client) {
    return client.tls() != null && mayGoOnByTls();
  }

  /** Nothing is promised that a connector without TLS on its way out is bound to break. */
  private boolean mayGoOnByTls() {
    return around.config().get().outgoing().tls() != TlsMode.NONE;
  }

  /** REQUIRETLS is for what comes by TLS itself (RFC 8689 section 2). */
  void judge(MailCommand mail, Client client) throws RefusedException {
    if (!mail.requireTls() || offersRequireTls(client)) {
      return;
    }
    if (!mayGoOnByTls() || !offeredTo(client)) {
      throw MailParameters.notOffered("REQUIRETLS");
    }
    throw new RefusedException(
        Refusal.TLS_REQUIRED, 530, 7, 10, "REQUIRETLS needs TLS: issue STARTTLS first");
  }

  /** The answer to STARTTLS; after a positive one, {@link #secure} follows. */
  Answer answer(Client client) throws IOException {
    if (client.tls() != null) {
      return Answer.refused(Refusal.BAD_SEQUENCE, 503, 5, 1, "TLS is active already");
    }
    if (!around.tls().offered()) {
      return SmtpSession.notImplemented();
    }
    if (connection.hasInput()) {
      // Sent in the clear, perhaps by somebody else: it must not be taken for what comes by TLS.
      return Answer.refused(
              Refusal.BAD_SEQUENCE, 554, 5, 0, "nothing may follow STARTTLS before its reply")
          .closing();
    }
    return Answer.ok(220, 0, 0, "ready to start TLS");
  }

  /**
   * Shakes hands.
   *
   * @return the client as known from then on; null where that failed, and there is nobody to tell
   */
  @Nullable Client secure(Client client) {
    try {
      SSLEngine engine = around.tls().engine();
      if (engine == null) {
        throw new SSLException("there is no certificate any more");
      }
      Client.Tls tls = connection.secure(engine, around.limits().handshake());
      if (tls == null) {
        LOG.debug("{} went away before the handshake", client);
        return null;
      }
      around.metrics().handshake(SmtpMetrics.Handshake.DONE);
      return client.secured(tls);
    } catch (IOException failed) {
      boolean late = failed instanceof SocketTimeoutException;
      around
          .metrics()
          .handshake(late ? SmtpMetrics.Handshake.TIMEOUT : SmtpMetrics.Handshake.FAILED);
      LOG.info("TLS handshake with {} failed: {}", client, reason(failed));
      return null;
    }
  }

  /** Some messages of the JDK quote the client. */
  static String reason(IOException failure) {
    return LogText.of(String.valueOf(failure.getMessage()));
  }
}
