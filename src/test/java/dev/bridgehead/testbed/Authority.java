package dev.bridgehead.testbed;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority made in this process, ECDSA on P-256.
 *
 * @param chain its own certificate, then those above it
 */
public record Authority(List<X509Certificate> chain, KeyPair keys) {
  private static final Duration LIFE = Duration.ofDays(1);

  /** One that signs itself. */
  public static Authority root(String name) {
    KeyPair keys = newKeys();
    X500Name subject = new X500Name("CN=" + name);
    return new Authority(List.of(signed(subject, keys, subject, keys, LIFE, true)), keys);
  }

  /** One that this one vouches for. */
  public Authority issuing(String name) {
    KeyPair own = newKeys();
    return new Authority(
        above(signed(subject(), keys, new X500Name("CN=" + name), own, LIFE, true)), own);
  }

  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /** A server's, for a day. */
  public Identity issue(String... names) {
    return issue(LIFE, KeyPurposeId.id_kp_serverAuth, names);
  }

  /** A server's, that ran out. */
  public Identity issueExpired(String... names) {
    return issue(LIFE.negated(), KeyPurposeId.id_kp_serverAuth, names);
  }

  /** A client's. */
  public Identity issueForClients(String... names) {
    return issue(LIFE, KeyPurposeId.id_kp_clientAuth, names);
  }

  private Identity issue(Duration life, KeyPurposeId purpose, String... names) {
    KeyPair own = newKeys();
    X500Name subject = new X500Name("CN=server");
    return new Identity(
        above(signed(subject(), keys, subject, own, life, false, purpose, names)), own);
  }

  private List<X509Certificate> above(X509Certificate lowest) {
    return Stream.concat(Stream.of(lowest), chain.stream()).toList();
  }

  private X500Name subject() {
    return new X500Name(certificate().getSubjectX500Principal().getName());
  }

  private static X509Certificate signed(
      X500Name issuer, KeyPair by, X500Name subject, KeyPair keys, Duration life, boolean ca) {
    return signed(issuer, by, subject, keys, life, ca, KeyPurposeId.id_kp_serverAuth);
  }

  private static X509Certificate signed(
      X500Name issuer,
      KeyPair by,
      X500Name subject,
      KeyPair keys,
      Duration life,
      boolean ca,
      KeyPurposeId purpose,
      String... names) {
    try {
      Instant now = Instant.now();
      var builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(64, new SecureRandom()),
              Date.from(now.minus(Duration.ofDays(30))),
              Date.from(now.plus(life)),
              subject,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
      if (!ca) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      }
      if (names.length > 0) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                Arrays.stream(names)
                    .map(name -> new GeneralName(GeneralName.dNSName, name))
                    .toArray(GeneralName[]::new)));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
    } catch (GeneralSecurityException | OperatorException | IOException e) {
      throw new IllegalStateException("no certificate can be made here", e);
    }
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no key can be made here", e);
    }
  }

  /**
   * A server's certificate and key.
   *
   * @param chain its own certificate, then those above it
   */
  public record Identity(List<X509Certificate> chain, KeyPair keys) {
    public X509Certificate certificate() {
      return chain.getFirst();
    }

    /** The same, sent with no more than the first certificates of the chain. */
    public Identity sending(int certificates) {
      return new Identity(chain.subList(0, certificates), keys);
    }

    /** Of a server. */
    public SSLContext context() {
      try {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
            "server", keys.getPrivate(), new char[0], chain.toArray(X509Certificate[]::new));
        KeyManagerFactory managers =
            KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException("no TLS server can be made here", e);
      }
    }
  }
}
