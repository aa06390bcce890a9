package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.config.RelayConfig.Retry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.random.RandomGenerator;

/** When the next attempt is due. */
final class RetrySchedule {
  /** Up to a tenth more, so that what failed together does not come back together. */
  private static final int JITTER_PARTS = 10;

  private final RandomGenerator random;

  RetrySchedule(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Never later than expiry: the last attempt is made then.
   *
   * @param attempts made so far, at least one
   */
  Instant next(Retry retry, Instant arrived, Instant now, int attempts) {
    int last = retry.intervals().size() - 1;
    Duration interval = retry.intervals().get(Math.min(attempts - 1, last));
    Duration jitter = Duration.ofNanos(random.nextLong(interval.toNanos() / JITTER_PARTS + 1));
    Instant next = now.plus(interval).plus(jitter);
    Instant expiry = expiry(retry, arrived);
    return next.isAfter(expiry) && now.isBefore(expiry) ? expiry : next;
  }

  /** How long after an attempt the next one is due at the latest. */
  static Duration longest(Retry retry) {
    Duration interval = Collections.max(retry.intervals());
    return interval.plus(interval.dividedBy(JITTER_PARTS));
  }

  static boolean expired(Retry retry, Instant arrived, Instant now) {
    return !now.isBefore(expiry(retry, arrived));
  }

  private static Instant expiry(Retry retry, Instant arrived) {
    return arrived.plus(retry.expireAfter());
  }
}
