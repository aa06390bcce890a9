package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.policy.TlsFault;
import java.security.cert.CertificateException;

/** A certificate that doesn't prove what it has to. */
final class RefusedCertificate extends CertificateException {
  private final TlsFault fault;

  RefusedCertificate(TlsFault fault, String message) {
    super(message);
    this.fault = fault;
  }

  RefusedCertificate(TlsFault fault, String message, Exception cause) {
    super(message, cause);
    this.fault = fault;
  }

  TlsFault fault() {
    return fault;
  }
}
