package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.config.RelayConfig;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about lanes; times in milliseconds.
 *
 * @param connections attempts at a time for one destination
 * @param perMilli messages for one destination in a millisecond; null for no limit
 * @param firstProbe how long a destination is left alone after its host could not be reached
 * @param longestProbe how long at most, after it happened again and again
 * @param expireAfter age at which a message is given up
 */
record Terms(
    int connections,
    @Nullable Double perMilli,
    long firstProbe,
    long longestProbe,
    long expireAfter) {
  private static final Duration FIRST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  static Terms of(RelayConfig config) {
    Double rate = config.limits().messagesPerMinute();
    Duration first = least(config.retry().intervals().getFirst(), FIRST);
    Duration longest = least(config.retry().intervals().getLast(), LONGEST);
    return new Terms(
        config.limits().connections(),
        rate == null ? null : (Double) (rate / 60_000),
        first.toMillis(),
        Math.max(first.toMillis(), longest.toMillis()),
        config.retry().expireAfter().toMillis());
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** What may be sent at once after a pause: a second's worth. */
  double burst() {
    return perMilli == null ? 0 : Math.max(1, perMilli * 1000);
  }
}
