package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.policy.TlsFault;
import dev.bridgehead.relay.policy.TlsPolicy.Forbidden;
import dev.bridgehead.relay.routing.NextHop;

/**
 * Why no session came about for want of TLS. Mail waits then; but for mail under REQUIRETLS a host
 * that has shown that it does not do is none, and where no other is left the sender is told (RFC
 * 8689 §4.2.1): those have a permanent status.
 */
final class NoTls {
  private static final EnhancedStatus NEEDED = new EnhancedStatus(4, 7, 4);
  private static final EnhancedStatus FAILED = new EnhancedStatus(4, 7, 5);
  private static final EnhancedStatus ENCRYPTION_NEEDED = new EnhancedStatus(5, 7, 10);
  private static final EnhancedStatus REQUIRETLS_NEEDED = new EnhancedStatus(5, 7, 30);

  private NoTls() {}

  static SessionFailure notOffered(Peer peer) {
    boolean required = peer.tls().requireTls();
    return SessionFailure.ofTls(
        TlsFault.STARTTLS_NOT_SUPPORTED,
        peer.here(
            reason(required),
            required ? ENCRYPTION_NEEDED : NEEDED,
            "TLS is required, but not offered",
            null));
  }

  /** STARTTLS was answered with a refusal; a 4xx may be another answer tomorrow. */
  static SessionFailure refused(Peer peer, Reply reply) {
    boolean required = peer.tls().requireTls();
    Diagnostic why =
        required && reply.permanentFailure()
            ? peer.here(
                Reason.REQUIRETLS,
                ENCRYPTION_NEEDED,
                "TLS is required, but STARTTLS is refused: " + reply,
                reply)
            : peer.said(reason(required), NEEDED, "STARTTLS", reply);
    return SessionFailure.ofTls(TlsFault.STARTTLS_NOT_SUPPORTED, why);
  }

  /** A handshake that breaks off says nothing for good; a certificate that was seen does. */
  static SessionFailure handshake(Peer peer, TlsFault fault, String text) {
    boolean required = peer.tls().requireTls();
    EnhancedStatus status = required && fault.ofCertificate() ? ENCRYPTION_NEEDED : FAILED;
    return SessionFailure.ofTls(fault, peer.here(reason(required), status, text, null));
  }

  /** TLS stands, and the peer would not ask for it of those after it. */
  static SessionFailure notPassedOn(Peer peer) {
    return SessionFailure.ofTls(
        TlsFault.REQUIRETLS_NOT_SUPPORTED,
        peer.here(
            Reason.REQUIRETLS,
            REQUIRETLS_NEEDED,
            "the message needs REQUIRETLS, which isn't offered",
            null));
  }

  /**
   * @param required by the message's sender
   */
  static SessionFailure forbidden(NextHop hop, Forbidden policy, boolean required) {
    return SessionFailure.ofTls(
        policy.fault(),
        new Diagnostic(
            reason(required),
            policy.lasting() ? ENCRYPTION_NEEDED : FAILED,
            hop + ": not connected: " + policy.why(),
            hop.host(),
            null));
  }

  private static Reason reason(boolean required) {
    return required ? Reason.REQUIRETLS : Reason.TLS;
  }
}
