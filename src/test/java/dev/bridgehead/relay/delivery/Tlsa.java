package dev.bridgehead.relay.delivery;

import dev.bridgehead.dns.TlsaRecord;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/** TLSA records as an operator would publish them. */
final class Tlsa {
  private Tlsa() {}

  /**
   * @param numbers usage, selector and matching type, as in {@code 3 1 1}
   */
  static TlsaRecord of(String numbers, X509Certificate certificate) {
    String[] parts = numbers.split(" ");
    int selector = Integer.parseInt(parts[1]);
    int matching = Integer.parseInt(parts[2]);
    try {
      // Java's own way to the key, which the code under test does not take.
      byte[] whole =
          selector == 1 ? certificate.getPublicKey().getEncoded() : certificate.getEncoded();
      byte[] association =
          switch (matching) {
            case 1 -> MessageDigest.getInstance("SHA-256").digest(whole);
            case 2 -> MessageDigest.getInstance("SHA-512").digest(whole);
            default -> whole;
          };
      return new TlsaRecord(Integer.parseInt(parts[0]), selector, matching, association);
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }
}
