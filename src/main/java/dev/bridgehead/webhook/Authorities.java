package dev.bridgehead.webhook;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who may have signed a certificate that some replica shows: all of them have to be trusted.
 *
 * <p>A change takes three steps, each long enough after the one before that every API server and
 * every replica knows of it: the next one is trusted; it signs, and the one before is still
 * trusted; the one before is forgotten.
 *
 * @param signing signs now
 * @param next signs soon, and is trusted already
 * @param previous signed before, and is trusted for a while
 */
record Authorities(Authority signing, Optional<Next> next, Optional<Previous> previous) {
  record Next(Authority authority, Instant signsFrom) {}

  record Previous(X509Certificate certificate, Instant trustedUntil) {}

  /**
   * @param authority how long an authority lives; a next one is made when two thirds are over
   * @param leaf how long a replica's certificate lives at most
   * @param overlap between two steps of a change; more than replicas' clocks differ, and much more
   *     than a replica's interval
   * @param interval at which a replica looks
   */
  record Lifetimes(Duration authority, Duration leaf, Duration overlap, Duration interval) {
    static final Lifetimes DEFAULT =
        new Lifetimes(
            Duration.ofDays(365), Duration.ofDays(7), Duration.ofMinutes(5), Duration.ofSeconds(3));
  }

  static Authorities first(Instant now, Lifetimes lifetimes, SecureRandom random) {
    return new Authorities(
        Authority.create(now, lifetimes.authority(), random), Optional.empty(), Optional.empty());
  }

  /** Somebody wants another authority: it is announced, and signs in time. */
  Authorities succeeded(Instant now, Lifetimes lifetimes, SecureRandom random) {
    Authority successor = Authority.create(now, lifetimes.authority(), random);
    return new Authorities(
        signing, Optional.of(new Next(successor, now.plus(lifetimes.overlap()))), previous);
  }

  /** Oldest first. */
  List<X509Certificate> trusted() {
    List<X509Certificate> all = new ArrayList<>();
    previous.ifPresent(p -> all.add(p.certificate()));
    all.add(signing.certificate());
    next.ifPresent(n -> all.add(n.authority().certificate()));
    return List.copyOf(all);
  }

  /**
   * The next step, where it is time for one; else this.
   *
   * @param announced whether the API server is told to trust all of {@link #trusted()}
   */
  Authorities after(Instant now, boolean announced, Lifetimes lifetimes, SecureRandom random) {
    if (!ServerCertificate.validAt(signing.certificate(), now)) {
      // Nobody was there in time, or whoever made it had a wrong clock; API servers trust it as
      // little as we do, so that nothing is left to overlap.
      return first(now, lifetimes, random);
    }
    if (next.isPresent() && announced && !now.isBefore(next.get().signsFrom())) {
      return new Authorities(
          next.get().authority(),
          Optional.empty(),
          Optional.of(new Previous(signing.certificate(), now.plus(lifetimes.overlap()))));
    }
    if (previous.isPresent() && !now.isBefore(previous.get().trustedUntil())) {
      return new Authorities(signing, next, Optional.empty());
    }
    if (next.isEmpty() && !now.isBefore(ServerCertificate.twoThirds(signing.certificate()))) {
      return succeeded(now, lifetimes, random);
    }
    return this;
  }
}
