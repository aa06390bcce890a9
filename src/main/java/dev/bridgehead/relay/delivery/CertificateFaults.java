package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.policy.TlsFault;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** What a failed handshake, or a path that wasn't found, says of the peer's certificate. */
final class CertificateFaults {
  private CertificateFaults() {}

  static TlsFault of(Exception failure) {
    boolean untrusted = false;
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof RefusedCertificate refused) {
        return refused.fault();
      }
      if (at instanceof SSLPeerUnverifiedException) {
        return TlsFault.CERTIFICATE_HOST_MISMATCH;
      }
      if (outOfTime(at)) {
        return TlsFault.CERTIFICATE_EXPIRED;
      }
      untrusted |=
          at instanceof CertificateException
              || at instanceof CertPathBuilderException
              || at instanceof CertPathValidatorException;
    }
    return untrusted ? TlsFault.CERTIFICATE_NOT_TRUSTED : TlsFault.VALIDATION_FAILURE;
  }

  private static boolean outOfTime(Throwable failure) {
    return failure instanceof CertificateExpiredException
        || failure instanceof CertificateNotYetValidException
        || (failure instanceof CertPathValidatorException path
            && (path.getReason() == BasicReason.EXPIRED
                || path.getReason() == BasicReason.NOT_YET_VALID));
  }
}
