package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.config.RelayConfig.Retry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {
  private static final Instant ARRIVED = Instant.parse("2026-03-01T10:00:00Z");
  private static final Retry RETRY =
      new Retry(List.of(Duration.ofMinutes(1), Duration.ofMinutes(5)), Duration.ofHours(1));

  private final RetrySchedule schedule = new RetrySchedule(new Random(1));

  private Duration wait(int attempts, Duration age) {
    Instant now = ARRIVED.plus(age);
    return Duration.between(now, schedule.next(RETRY, ARRIVED, now, attempts));
  }

  @Test
  void followsTheIntervalsAndRepeatsTheLast() {
    assertThat(wait(1, Duration.ZERO)).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(66));
    for (int attempts = 2; attempts < 9; attempts++) {
      assertThat(wait(attempts, Duration.ofMinutes(3)))
          .isBetween(Duration.ofSeconds(300), Duration.ofSeconds(330));
    }
  }

  @Test
  void spreadsWhatFailedTogether() {
    assertThat(wait(1, Duration.ZERO)).isNotEqualTo(wait(1, Duration.ZERO));
  }

  @Test
  void makesTheLastAttemptAtExpiry() {
    assertThat(wait(9, Duration.ofMinutes(58))).isEqualTo(Duration.ofMinutes(2));
    Instant expiry = ARRIVED.plus(Duration.ofHours(1));
    assertThat(RetrySchedule.expired(RETRY, ARRIVED, expiry)).isTrue();
    assertThat(RetrySchedule.expired(RETRY, ARRIVED, expiry.minusNanos(1))).isFalse();
  }

  @Test
  void waitsAsUsualWhenThereIsNoRoomToExpireIt() {
    assertThat(wait(9, Duration.ofHours(2))).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
  }
}
