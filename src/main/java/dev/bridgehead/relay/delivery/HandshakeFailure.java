package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.policy.TlsFault;
import java.io.IOException;

/** TLS did not come about. */
final class HandshakeFailure extends IOException {
  private final TlsFault fault;
  private final boolean injected;

  private HandshakeFailure(String message, TlsFault fault, boolean injected) {
    super(message);
    this.fault = fault;
    this.injected = injected;
  }

  static HandshakeFailure of(IOException e) {
    HandshakeFailure failure =
        new HandshakeFailure("TLS handshake: " + Peer.text(e), CertificateFaults.of(e), false);
    failure.initCause(e);
    return failure;
  }

  /** Something was put behind the reply to STARTTLS. */
  static HandshakeFailure injected() {
    return new HandshakeFailure(
        "unexpected plaintext after the reply to STARTTLS", TlsFault.VALIDATION_FAILURE, true);
  }

  TlsFault fault() {
    return fault;
  }

  /** Someone on the way meddled: there is no going back to plaintext. */
  boolean meddled() {
    return injected;
  }
}
