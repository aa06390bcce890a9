package dev.bridgehead.testbed;

import dev.bridgehead.manifest.TlsKeyPair;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A server's certificate that signs itself, made in this process.
 *
 * @param keys the certificate's
 */
public record SelfSigned(X509Certificate certificate, KeyPair keys) {
  /** For a name, ECDSA on P-256, valid for a day. */
  public static SelfSigned of(String name) {
    return of(name, "EC", 256, Duration.ofDays(1));
  }

  /**
   * @param algorithm EC, RSA, DSA or Ed25519
   * @param bits 0 where the algorithm has one size only
   * @param life from now; one that ran out where negative
   */
  public static SelfSigned of(String name, String algorithm, int bits, Duration life) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (bits > 0) {
        generator.initialize(bits);
      }
      KeyPair keys = generator.generateKeyPair();
      X500Name subject = new X500Name("CN=" + name);
      Instant now = Instant.now();
      var builder =
          new JcaX509v3CertificateBuilder(
              subject,
              new BigInteger(64, new SecureRandom()),
              Date.from(now.minus(Duration.ofDays(30))),
              Date.from(now.plus(life)),
              subject,
              keys.getPublic());
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
      String signature =
          switch (algorithm) {
            case "EC" -> "SHA256withECDSA";
            case "Ed25519" -> "Ed25519";
            default -> "SHA256with" + algorithm;
          };
      return new SelfSigned(
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(new JcaContentSignerBuilder(signature).build(keys.getPrivate()))),
          keys);
    } catch (GeneralSecurityException | OperatorException | IOException e) {
      throw new IllegalStateException("no certificate can be made here", e);
    }
  }

  public TlsKeyPair keyPair() {
    return TlsKeyPair.parse(data());
  }

  /** As in a Secret of type kubernetes.io/tls. */
  public Map<String, byte[]> data() {
    return Map.of(
        "tls.crt", certificatePem().getBytes(StandardCharsets.US_ASCII),
        "tls.key", keyPem().getBytes(StandardCharsets.US_ASCII));
  }

  /** The same, in base64. */
  public Map<String, String> encoded() {
    Map<String, byte[]> data = data();
    Base64.Encoder base64 = Base64.getEncoder();
    return Map.of(
        "tls.crt", base64.encodeToString(data.getOrDefault("tls.crt", new byte[0])),
        "tls.key", base64.encodeToString(data.getOrDefault("tls.key", new byte[0])));
  }

  public String certificatePem() {
    return pem(certificate);
  }

  /** PKCS #8. */
  public String keyPem() {
    try {
      return pem(new JcaPKCS8Generator(keys.getPrivate(), null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** PKCS #1 or SEC 1: what cert-manager writes by default. */
  public String oldKeyPem() {
    if (!(keys.getPrivate() instanceof ECPrivateKey key)) {
      return pem(keys.getPrivate());
    }
    // BouncyCastle leaves the curve out, everybody else writes it.
    var curve = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()).getAlgorithm();
    int bits = key.getParams().getOrder().bitLength();
    try {
      return pem(
          new PemObject(
              "EC PRIVATE KEY",
              new org.bouncycastle.asn1.sec.ECPrivateKey(bits, key.getS(), curve.getParameters())
                  .getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
