package dev.bridgehead.webhook;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Who signs the webhook's certificates: its key, EC P-256, and the certificate that the API server
 * has to trust.
 */
record Authority(PrivateKey key, X509Certificate certificate) {
  /** What clocks of API servers and other replicas may be behind ours. */
  private static final Duration CLOCK_SKEW = Duration.ofHours(1);

  /**
   * Makes another one.
   *
   * @throws IllegalStateException where this Java can't: no EC, no SHA-256
   */
  static Authority create(Instant now, Duration life, SecureRandom random) {
    try {
      KeyPair keys = keys(random);
      byte[] number = new byte[4];
      random.nextBytes(number);
      // A name of its own: while two are trusted, nobody has to guess which one signed.
      X500Name name = new X500Name("CN=bridgehead-webhook-ca-" + HexFormat.of().formatHex(number));
      X509v3CertificateBuilder builder =
          builder(name, name, keys.getPublic(), now, now.plus(life), random);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      return new Authority(keys.getPrivate(), signed(builder, keys.getPrivate(), random));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("the webhook's authority can't be made: " + e, e);
    }
  }

  /**
   * Signs a certificate with a new key, for a server with these DNS names, or IPv4 or IPv6
   * addresses. It ends with the authority at the latest.
   *
   * @throws IllegalStateException where this Java can't
   */
  ServerCertificate issue(List<String> names, Instant now, Duration life, SecureRandom random) {
    try {
      KeyPair keys = keys(random);
      Instant last = certificate.getNotAfter().toInstant();
      Instant end = now.plus(life).isBefore(last) ? now.plus(life) : last;
      X509v3CertificateBuilder builder =
          builder(
              X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
              new X500Name("CN=bridgehead-webhook"),
              keys.getPublic(),
              now,
              end,
              random);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
      builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
      return new ServerCertificate(keys.getPrivate(), List.of(signed(builder, key, random)));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("the webhook's certificate can't be made: " + e, e);
    }
  }

  /** Whether an API server accepts what it signs, and it can sign at all. */
  boolean canSign() {
    return certificate.getBasicConstraints() >= 0 && key.getAlgorithm().equals("EC");
  }

  /** Whether this one, and no other of its name, signed it. */
  boolean signed(X509Certificate other) {
    try {
      other.verify(certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static KeyPair keys(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  private static GeneralNames alternatives(List<String> names) {
    return new GeneralNames(names.stream().map(Authority::alternative).toArray(GeneralName[]::new));
  }

  private static GeneralName alternative(String name) {
    boolean address = name.contains(":") || name.matches("[0-9.]+");
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer,
      X500Name subject,
      PublicKey key,
      Instant now,
      Instant end,
      SecureRandom random)
      throws GeneralSecurityException, CertIOException {
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            new BigInteger(127, random).setBit(126), // RFC 5280 §4.1.2.2: positive, up to 20 octets
            Date.from(now.minus(CLOCK_SKEW)),
            Date.from(end),
            subject,
            key);
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
    return builder;
  }

  private static X509Certificate signed(
      X509v3CertificateBuilder builder, PrivateKey key, SecureRandom random)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").setSecureRandom(random).build(key)));
  }
}
