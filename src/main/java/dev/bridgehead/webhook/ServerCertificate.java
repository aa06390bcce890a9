package dev.bridgehead.webhook;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
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
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A server's key and certificate with the authority that signed it, all made here and kept in
 * memory only. The authority's key is thrown away once it has signed: nobody can sign a second
 * certificate that the API server would trust.
 *
 * @param key the server's, EC P-256
 * @param certificate the server's
 * @param authority what the API server has to trust
 */
record ServerCertificate(PrivateKey key, X509Certificate certificate, X509Certificate authority) {
  /** As long as a process may live: each start makes another one. */
  private static final Duration LIFETIME = Duration.ofDays(3650);

  /** What clocks of API servers may be behind ours. */
  private static final Duration CLOCK_SKEW = Duration.ofHours(1);

  private static final X500Name AUTHORITY = new X500Name("CN=bridgehead-webhook-ca");

  /**
   * Makes one for a server with these DNS names, or IPv4 or IPv6 addresses.
   *
   * @throws IllegalStateException where this Java can't: no EC, no SHA-256
   */
  static ServerCertificate issue(List<String> names, Instant now, SecureRandom random) {
    try {
      KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
      keys.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair signing = keys.generateKeyPair();
      KeyPair serving = keys.generateKeyPair();
      X509Certificate authority = authority(signing, now, random);
      return new ServerCertificate(
          serving.getPrivate(), server(serving, signing, names, now, random), authority);
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("the webhook's certificate can't be made: " + e, e);
    }
  }

  /** The authority as a {@code caBundle} holds it before base64: PEM. */
  byte[] authorityPem() {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      pem.writeObject(authority);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter never fails
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static X509Certificate authority(KeyPair signing, Instant now, SecureRandom random)
      throws GeneralSecurityException, OperatorCreationException, CertIOException {
    X509v3CertificateBuilder builder = builder(AUTHORITY, signing, now, random);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    return signed(builder, signing, random);
  }

  private static X509Certificate server(
      KeyPair serving, KeyPair signing, List<String> names, Instant now, SecureRandom random)
      throws GeneralSecurityException, OperatorCreationException, CertIOException {
    X509v3CertificateBuilder builder =
        builder(new X500Name("CN=bridgehead-webhook"), serving, now, random);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(signing.getPublic()));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            names.stream().map(ServerCertificate::alternative).toArray(GeneralName[]::new)));
    return signed(builder, signing, random);
  }

  private static GeneralName alternative(String name) {
    boolean address = name.contains(":") || name.matches("[0-9.]+");
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }

  private static X509v3CertificateBuilder builder(
      X500Name subject, KeyPair keys, Instant now, SecureRandom random)
      throws GeneralSecurityException, CertIOException {
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            AUTHORITY,
            new BigInteger(127, random).setBit(126), // RFC 5280 §4.1.2.2: positive, up to 20 octets
            Date.from(now.minus(CLOCK_SKEW)),
            Date.from(now.plus(LIFETIME)),
            subject,
            keys.getPublic());
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
    return builder;
  }

  private static X509Certificate signed(
      X509v3CertificateBuilder builder, KeyPair signing, SecureRandom random)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .setSecureRandom(random)
                    .build(signing.getPrivate())));
  }
}
