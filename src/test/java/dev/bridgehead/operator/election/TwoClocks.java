package dev.bridgehead.operator.election;

import java.time.Duration;
import java.util.function.Supplier;

/** A machine's clocks, moved by a test. */
final class TwoClocks implements Supplier<Moment> {
  private Moment now = new Moment(0, 1_800_000_000_000L);

  @Override
  public Moment get() {
    return now;
  }

  /** Time passes, and both clocks see it. */
  void pass(Duration time) {
    now = new Moment(now.nanos() + time.toNanos(), now.wallMillis() + time.toMillis());
  }

  /** All that has passed since it was made. */
  Duration passed() {
    return Duration.ofNanos(now.nanos());
  }

  /** Only the wall clock moves. */
  void setForward(Duration time) {
    now = new Moment(now.nanos(), now.wallMillis() + time.toMillis());
  }
}
