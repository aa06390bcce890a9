package dev.bridgehead.relay.sts;

import java.time.Duration;
import java.time.Instant;

/**
 * A policy as it was fetched.
 *
 * @param domain whose it is
 * @param id what its TXT record said then
 */
record Kept(String domain, String id, Instant fetched, StsPolicy policy) {
  /** Also where a policy says less: each message of a burst shall not fetch it anew. */
  static final Duration SHORTEST = Duration.ofMinutes(1);

  /** RFC 8461 §3.3: once a day is what it suggests. */
  private static final Duration REFRESHED = Duration.ofDays(1);

  /** A clock that went back must not make it last longer. */
  Kept notAfter(Instant now) {
    return fetched.isAfter(now) ? new Kept(domain, id, now, policy) : this;
  }

  private Duration lifetime() {
    return policy.maxAge().compareTo(SHORTEST) < 0 ? SHORTEST : policy.maxAge();
  }

  Instant expires() {
    return fetched.plus(lifetime());
  }

  boolean validAt(Instant now) {
    return now.isBefore(expires());
  }

  /** When to fetch it anew, early enough for some failures before it expires. */
  Instant refreshAt() {
    Duration half = lifetime().dividedBy(2);
    return fetched.plus(half.compareTo(REFRESHED) < 0 ? half : REFRESHED);
  }
}
