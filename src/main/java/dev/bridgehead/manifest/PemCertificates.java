package dev.bridgehead.manifest;

import java.io.ByteArrayInputStream;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Reads certificates in PEM. */
public final class PemCertificates {
  private PemCertificates() {}

  /**
   * @throws IllegalArgumentException whose message continues the name of what holds them
   */
  public static List<X509Certificate> parse(byte[] pem) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        certificates.add((X509Certificate) each);
      }
    } catch (CertificateException e) {
      throw new IllegalArgumentException("holds no PEM certificate", e);
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("holds no PEM certificate");
    }
    return certificates;
  }
}
