package dev.bridgehead.relay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ElapsedTimeTest {
  @Test
  void keepsPaceThoughItsSourceOverflows() {
    long[] nanos = {Long.MAX_VALUE - 5};
    ElapsedTime time = new ElapsedTime(() -> nanos[0]);
    Instant before = time.now();
    nanos[0] += 10;
    assertThat(Duration.between(before, time.now())).isEqualTo(Duration.ofNanos(10));
  }
}
