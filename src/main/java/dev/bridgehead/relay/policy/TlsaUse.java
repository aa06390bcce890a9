package dev.bridgehead.relay.policy;

import dev.bridgehead.dns.TlsaRecord;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which TLSA records mean something to SMTP. */
public final class TlsaUse {
  public static final int DANE_TA = 2;
  public static final int DANE_EE = 3;

  private TlsaUse() {}

  /** Why a record can't be used; empty where it can. */
  static Optional<String> fault(TlsaRecord record) {
    if (record.usage() != DANE_TA && record.usage() != DANE_EE) {
      // RFC 7672 §3.1.3: there is no set of public CAs that all of the world's MTAs agree on.
      return Optional.of("usage " + record.usage() + " means nothing to SMTP");
    }
    if (record.selector() > 1) {
      return Optional.of("selector " + record.selector() + " is unknown");
    }
    int length = record.association().length;
    return switch (record.matching()) {
      case 0 -> wholeFault(record);
      case 1 -> digestFault(length, 32);
      case 2 -> digestFault(length, 64);
      default -> Optional.of("matching type " + record.matching() + " is unknown");
    };
  }

  private static Optional<String> digestFault(int length, int wanted) {
    return length == wanted
        ? Optional.empty()
        : Optional.of("a digest of %d octets, not %d".formatted(length, wanted));
  }

  private static Optional<String> wholeFault(TlsaRecord record) {
    if (record.selector() == 0) {
      return certificate(record).isPresent()
          ? Optional.empty()
          : Optional.of("what it holds is no certificate");
    }
    return record.association().length > 0 ? Optional.empty() : Optional.of("it holds nothing");
  }

  /** The certificate that a record holds as a whole ({@code x 0 0}); empty where it holds none. */
  public static Optional<X509Certificate> certificate(TlsaRecord record) {
    if (record.selector() != 0 || record.matching() != 0) {
      return Optional.empty();
    }
    try {
      var octets = new ByteArrayInputStream(record.association());
      return CertificateFactory.getInstance("X.509").generateCertificate(octets)
              instanceof X509Certificate certificate
          ? Optional.of(certificate)
          : Optional.empty();
    } catch (CertificateException e) {
      return Optional.empty();
    }
  }

  /**
   * Those to go by. Of digests of the same thing only the strongest that there is counts, so that a
   * weaker one can be given up before nobody uses it any more (RFC 7671 §9).
   */
  static List<TlsaRecord> strongest(List<TlsaRecord> usable) {
    return usable.stream()
        .filter(
            record ->
                record.matching() == 0
                    || usable.stream()
                        .filter(it -> it.usage() == record.usage())
                        .filter(it -> it.selector() == record.selector())
                        .max(Comparator.comparingInt(TlsaRecord::matching))
                        .filter(it -> it.matching() == record.matching())
                        .isPresent())
        .toList();
  }
}
