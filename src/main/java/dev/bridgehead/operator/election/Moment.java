package dev.bridgehead.operator.election;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A point in time by both clocks of this machine. Never compared with another machine's.
 *
 * @param nanos of the monotonic clock: it goes on while the process is stopped, and nobody sets it,
 *     but it may stand still while the whole machine sleeps
 * @param wallMillis of the wall clock, which goes on then, but may be set
 */
record Moment(long nanos, long wallMillis) {
  static final Supplier<Moment> NOW =
      () -> new Moment(System.nanoTime(), System.currentTimeMillis());

  /** What has passed at least: for somebody who waits until another's time is over. */
  Duration atLeastUntil(Moment later) {
    return Duration.ofNanos(later.nanos - nanos);
  }

  /** What may have passed: for somebody whose own time runs out. */
  Duration atMostUntil(Moment later) {
    Duration monotonic = atLeastUntil(later);
    Duration wall = Duration.ofMillis(later.wallMillis - wallMillis);
    return wall.compareTo(monotonic) > 0 ? wall : monotonic;
  }
}
