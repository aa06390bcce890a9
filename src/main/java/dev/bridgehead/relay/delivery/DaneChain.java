package dev.bridgehead.relay.delivery;

import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.relay.policy.DaneProof;
import dev.bridgehead.relay.policy.TlsFault;
import dev.bridgehead.relay.policy.TlsaUse;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether TLSA records prove a chain of certificates (RFC 7671 §5, RFC 7672 §3.1). Pure. */
final class DaneChain {
  /** JSSE takes no longer ones from a peer either. */
  private static final int LONGEST = 10;

  private static final List<String> FOR_SERVERS = List.of("1.3.6.1.5.5.7.3.1", "2.5.29.37.0");

  private final DaneProof proof;

  DaneChain(DaneProof proof) {
    this.proof = proof;
  }

  /**
   * @param chain as the peer sent it, its own certificate first
   * @throws CertificateException where no record proves it
   */
  void check(X509Certificate[] chain) throws CertificateException {
    X509Certificate own = chain[0];
    // RFC 7672 §3.1.1: neither its names nor its times matter where the record is of itself.
    if (fits(own, TlsaUse.DANE_EE)) {
      return;
    }
    Set<TrustAnchor> anchors = anchors(chain);
    if (anchors.isEmpty()) {
      throw new RefusedCertificate(
          TlsFault.CERTIFICATE_NOT_TRUSTED,
          "no TLSA record of " + proof.base() + " fits its certificate");
    }
    requireServer(own);
    requirePath(chain, anchors);
    requireName(own);
  }

  private boolean fits(X509Certificate certificate, int usage) throws CertificateException {
    for (TlsaRecord record : proof.records()) {
      if (record.usage() == usage && fits(certificate, record)) {
        return true;
      }
    }
    return false;
  }

  private static boolean fits(X509Certificate certificate, TlsaRecord record)
      throws CertificateException {
    byte[] selected =
        record.selector() == 0 ? certificate.getEncoded() : PublicKeyInfo.of(certificate);
    byte[] wanted = record.association();
    return switch (record.matching()) {
      case 0 -> Arrays.equals(selected, wanted);
      case 1 -> Arrays.equals(digest("SHA-256", selected), wanted);
      case 2 -> Arrays.equals(digest("SHA-512", selected), wanted);
      default -> false;
    };
  }

  private static byte[] digest(String algorithm, byte[] octets) {
    try {
      return MessageDigest.getInstance(algorithm).digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + algorithm, e);
    }
  }

  /** Issuers that records of usage 2 name: sent along, or held by a record as a whole. */
  private Set<TrustAnchor> anchors(X509Certificate[] chain) throws CertificateException {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (int i = 1; i < chain.length; i++) {
      if (mayIssue(chain[i]) && fits(chain[i], TlsaUse.DANE_TA)) {
        anchors.add(new TrustAnchor(chain[i], null));
      }
    }
    for (TlsaRecord record : proof.records()) {
      if (record.usage() == TlsaUse.DANE_TA) {
        TlsaUse.certificate(record)
            .filter(DaneChain::mayIssue)
            .ifPresent(it -> anchors.add(new TrustAnchor(it, null)));
      }
    }
    return anchors;
  }

  /** Java doesn't ask that of an anchor. Old roots (version 1) can't say it. */
  private static boolean mayIssue(X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0 || certificate.getVersion() == 1;
  }

  private static void requirePath(X509Certificate[] chain, Set<TrustAnchor> anchors)
      throws CertificateException {
    try {
      X509CertSelector own = new X509CertSelector();
      own.setCertificate(chain[0]);
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, own);
      parameters.addCertStore(
          CertStore.getInstance(
              "Collection", new CollectionCertStoreParameters(Arrays.asList(chain))));
      parameters.setRevocationEnabled(false);
      parameters.setMaxPathLength(LONGEST);
      CertPathBuilder.getInstance("PKIX").build(parameters);
    } catch (GeneralSecurityException e) {
      throw new RefusedCertificate(
          CertificateFaults.of(e),
          "its certificate does not lead to the issuer of its TLSA records: " + e.getMessage(),
          e);
    }
  }

  private static void requireServer(X509Certificate own) throws CertificateException {
    try {
      own.checkValidity();
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      throw new RefusedCertificate(
          TlsFault.CERTIFICATE_EXPIRED,
          "its certificate is valid from %s to %s"
              .formatted(own.getNotBefore().toInstant(), own.getNotAfter().toInstant()),
          e);
    }
    List<String> purposes = own.getExtendedKeyUsage();
    if (purposes != null && purposes.stream().noneMatch(FOR_SERVERS::contains)) {
      throw new RefusedCertificate(
          TlsFault.CERTIFICATE_NOT_TRUSTED, "its certificate is not for servers");
    }
  }

  private void requireName(X509Certificate own) throws CertificateException {
    for (String name : proof.names()) {
      if (PeerName.provenBy(own, name)) {
        return;
      }
    }
    throw new RefusedCertificate(
        TlsFault.CERTIFICATE_HOST_MISMATCH,
        "the certificate proves none of the names "
            + String.join(", ", proof.names().stream().sorted().toList()));
  }
}
