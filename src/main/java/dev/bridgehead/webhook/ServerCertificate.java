package dev.bridgehead.webhook;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a server shows in a handshake.
 *
 * @param chain its own certificate first
 */
record ServerCertificate(PrivateKey key, List<X509Certificate> chain) {
  ServerCertificate {
    chain = List.copyOf(chain);
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  /** When two thirds of its life are over. */
  Instant renewFrom() {
    return twoThirds(certificate());
  }

  boolean validAt(Instant now) {
    return validAt(certificate(), now);
  }

  /** Its own word, by our clock: it may have been made by a clock that was wrong. */
  static boolean validAt(X509Certificate certificate, Instant now) {
    return !now.isBefore(certificate.getNotBefore().toInstant())
        && now.isBefore(certificate.getNotAfter().toInstant());
  }

  static Instant twoThirds(X509Certificate certificate) {
    Instant begin = certificate.getNotBefore().toInstant();
    Duration life = Duration.between(begin, certificate.getNotAfter().toInstant());
    return begin.plus(life.multipliedBy(2).dividedBy(3));
  }
}
