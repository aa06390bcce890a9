package dev.bridgehead.relay.delivery;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/**
 * The SubjectPublicKeyInfo of a certificate as it stands there: what Java makes of a key need not
 * be the same octets, and a digest of them would not fit.
 */
final class PublicKeyInfo {
  private static final int VERSION = 0xa0;

  /** Serial number, signature, issuer, validity, subject (RFC 5280 §4.1). */
  private static final int BEFORE = 5;

  private final byte[] der;
  private int at;

  private PublicKeyInfo(byte[] der) {
    this.der = der;
  }

  static byte[] of(X509Certificate certificate) throws CertificateEncodingException {
    try {
      return new PublicKeyInfo(certificate.getTBSCertificate()).find();
    } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
      throw new CertificateEncodingException("a certificate without a key", e);
    }
  }

  private byte[] find() {
    open();
    if ((der[at] & 0xff) == VERSION) {
      skip();
    }
    for (int i = 0; i < BEFORE; i++) {
      skip();
    }
    int start = at;
    skip();
    return Arrays.copyOfRange(der, start, at);
  }

  private void skip() {
    int length = open();
    at += length;
  }

  /** Passes a tag and a length. */
  private int open() {
    at++;
    int first = der[at++] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int octets = first & 0x7f;
    if (octets < 1 || octets > 4) {
      throw new IllegalArgumentException("a length of " + octets + " octets");
    }
    int length = 0;
    for (int i = 0; i < octets; i++) {
      length = (length << 8) | (der[at++] & 0xff);
    }
    return length;
  }
}
