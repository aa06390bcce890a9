package dev.bridgehead.relay.policy;

import java.util.Locale;

/**
 * Why no session came about for want of TLS: the result types of RFC 8460 §4.3 that can be told
 * here, and two of our own.
 */
public enum TlsFault {
  STARTTLS_NOT_SUPPORTED,
  CERTIFICATE_HOST_MISMATCH,
  CERTIFICATE_EXPIRED,
  CERTIFICATE_NOT_TRUSTED,
  /** The handshake failed, or a policy does not hold for the host. */
  VALIDATION_FAILURE,
  /**
   * Whether there are TLSA records can't be told, or what was answered is not signed as it must.
   */
  DNSSEC_INVALID,
  /** Not of RFC 8460: mode Verified, and nothing proves that this is a host of the domain. */
  NAME_NOT_PROVEN,
  /** Not of RFC 8460: TLS stands, but the host doesn't promise it for the hops after it. */
  REQUIRETLS_NOT_SUPPORTED;

  /** Whether it is the certificate that was seen and does not do. */
  public boolean ofCertificate() {
    return switch (this) {
      case CERTIFICATE_HOST_MISMATCH, CERTIFICATE_EXPIRED, CERTIFICATE_NOT_TRUSTED -> true;
      case STARTTLS_NOT_SUPPORTED,
          VALIDATION_FAILURE,
          DNSSEC_INVALID,
          NAME_NOT_PROVEN,
          REQUIRETLS_NOT_SUPPORTED ->
          false;
    };
  }

  /** Lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
