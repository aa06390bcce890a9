package dev.bridgehead.relay.routing;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Time that passes evenly, whatever is done to the wall clock meanwhile. Its instants say how long
 * after one another they are, and nothing else.
 */
public final class ElapsedTime {
  private final LongSupplier nanos;
  private final long start;

  public ElapsedTime() {
    this(System::nanoTime);
  }

  /**
   * @param nanos from any origin; may overflow
   */
  ElapsedTime(LongSupplier nanos) {
    this.nanos = nanos;
    this.start = nanos.getAsLong();
  }

  Instant now() {
    return Instant.EPOCH.plusNanos(nanos.getAsLong() - start);
  }
}
