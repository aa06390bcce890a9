package dev.bridgehead.manifest;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a Secret of type {@code kubernetes.io/tls} holds: a certificate with its chain, and the key
 * to it, known to belong together and to be good for TLS 1.2 and 1.3.
 *
 * @param chain the owner's certificate first; never empty
 */
public record TlsKeyPair(List<X509Certificate> chain, PrivateKey key) {
  /** The keys of the Secret. */
  public static final String CERTIFICATE = "tls.crt";

  public static final String KEY = "tls.key";

  private static final int MIN_RSA_BITS = 2048;

  public TlsKeyPair {
    chain = List.copyOf(chain);
  }

  /**
   * Reads the two keys of a Secret. Whether the time is right is not judged: an expired certificate
   * is a certificate.
   *
   * @param data octets by key
   * @throws IllegalArgumentException whose message says which key has which fault, without any of
   *     its content
   */
  public static TlsKeyPair parse(Map<String, byte[]> data) {
    return parse(data, CERTIFICATE, KEY);
  }

  /**
   * Reads a pair that is kept under other keys of a Secret than the usual two; else as {@link
   * #parse(Map)}.
   */
  public static TlsKeyPair parse(Map<String, byte[]> data, String certificateName, String keyName) {
    String both = certificateName + " and " + keyName;
    List<X509Certificate> chain = chain(octets(data, certificateName, both), certificateName);
    PrivateKey key = key(octets(data, keyName, both), keyName);
    PublicKey own = chain.getFirst().getPublicKey();
    String algorithm = signatureAlgorithm(own, certificateName);
    if (!belongTogether(own, key, algorithm)) {
      throw new IllegalArgumentException(
          keyName + " does not belong to the first certificate in " + certificateName);
    }
    return new TlsKeyPair(chain, key);
  }

  private static byte[] octets(Map<String, byte[]> data, String name, String both) {
    byte[] octets = data.get(name);
    if (octets == null || octets.length == 0) {
      throw new IllegalArgumentException("no key \"" + name + "\": it needs " + both);
    }
    return octets;
  }

  private static List<X509Certificate> chain(byte[] pem, String name) {
    try {
      return PemCertificates.parse(pem);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + " " + e.getMessage(), e);
    }
  }

  /** PKCS #8, or the older forms for RSA and EC, which cert-manager writes by default. */
  private static PrivateKey key(byte[] pem, String name) {
    String fault = name + " holds no PEM private key";
    try (PEMParser parser =
        new PEMParser(new StringReader(new String(pem, StandardCharsets.US_ASCII)))) {
      // EC keys of openssl come with their parameters before them.
      for (@Nullable Object found = parser.readObject();
          found != null;
          found = parser.readObject()) {
        switch (found) {
          case PrivateKeyInfo info -> {
            return new JcaPEMKeyConverter().getPrivateKey(info);
          }
          case PEMKeyPair pair -> {
            return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
          }
          case PKCS8EncryptedPrivateKeyInfo encrypted ->
              fault =
                  name + " is encrypted; nobody is there to give a password: store it without one";
          default -> {}
        }
      }
    } catch (IOException | RuntimeException e) {
      // Of broken base64 or ASN.1 the parser tells by unchecked exceptions of several kinds.
      throw new IllegalArgumentException(fault, e);
    }
    throw new IllegalArgumentException(fault);
  }

  private static String signatureAlgorithm(PublicKey key, String name) {
    return switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= MIN_RSA_BITS -> "SHA256withRSA";
      case RSAPublicKey rsa ->
          throw unusable(name, "an RSA key of " + rsa.getModulus().bitLength() + " bits");
      case ECPublicKey ec -> "SHA256withECDSA"; // the JDK reads P-256, P-384 and P-521 only
      case EdECPublicKey ed -> "EdDSA";
      default -> throw unusable(name, "a key of type " + key.getAlgorithm());
    };
  }

  private static IllegalArgumentException unusable(String name, String what) {
    return new IllegalArgumentException(
        name
            + " is for "
            + what
            + ", which peers in TLS refuse: RSA of 2048 bits, or ECDSA on P-256, suits all");
  }

  private static boolean belongTogether(PublicKey open, PrivateKey secret, String algorithm) {
    try {
      byte[] text = new byte[32];
      new SecureRandom().nextBytes(text);
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(secret);
      signing.update(text);
      Signature checking = Signature.getInstance(algorithm);
      checking.initVerify(open);
      checking.update(text);
      return checking.verify(signing.sign());
    } catch (GeneralSecurityException otherKind) {
      return false;
    }
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "TlsKeyPair[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
