package dev.bridgehead.webhook;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/** Certificates and keys as files and Secrets hold them. */
final class Pem {
  private Pem() {}

  static byte[] of(Collection<X509Certificate> certificates) {
    return written(certificates);
  }

  static byte[] of(PrivateKey key) {
    try {
      return written(List.of(new JcaPKCS8Generator(key, null)));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is encrypted: it never fails
    }
  }

  private static byte[] written(Collection<?> objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        pem.writeObject(object);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter never fails
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * @throws CertificateException where there is none, or something else
   */
  static List<X509Certificate> certificates(byte[] pem) throws CertificateException {
    List<X509Certificate> found =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))
            .stream()
            .map(X509Certificate.class::cast)
            .toList();
    if (found.isEmpty()) {
      throw new CertificateException("there is no certificate in it");
    }
    return found;
  }
}
