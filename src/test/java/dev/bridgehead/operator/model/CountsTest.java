package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class CountsTest {
  private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
  private static final Counts TWO = new Counts(2L, "2026-01-01T00:00:00Z");
  private static final Counts FIVE = new Counts(5L, "2025-12-31T00:00:00Z");

  @Test
  void addsUpAndTakesTheOlder() {
    assertThat(TWO.plus(FIVE)).isEqualTo(new Counts(7L, "2025-12-31T00:00:00Z"));
    assertThat(FIVE.plus(Counts.NONE)).isEqualTo(FIVE);
    assertThat(Counts.NONE.plus(FIVE)).isEqualTo(FIVE);
    assertThat(Counts.NONE.plus(Counts.NONE)).isEqualTo(Counts.NONE);
    assertThat(TWO.plus(new Counts(0L, null))).isEqualTo(TWO);
  }

  @Test
  void letsFiguresThroughAtMostOnceAMinute() {
    Counts.Gate gate = new Counts.Gate();

    assertThat(gate.pass("uid", Counts.NONE, TWO, T)).isEqualTo(TWO);
    assertThat(gate.pass("uid", TWO, FIVE, T.plusSeconds(59))).isEqualTo(TWO);
    assertThat(gate.pass("other", TWO, FIVE, T.plusSeconds(59))).isEqualTo(FIVE);
    assertThat(gate.pass("uid", TWO, FIVE, T.plusSeconds(60))).isEqualTo(FIVE);
  }

  @Test
  void countsNoTimeWhereNothingChanged() {
    Counts.Gate gate = new Counts.Gate();

    assertThat(gate.pass("uid", TWO, TWO, T)).isEqualTo(TWO);
    assertThat(gate.pass("uid", TWO, FIVE, T.plusSeconds(1))).isEqualTo(FIVE);
  }
}
