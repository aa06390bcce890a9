package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Deferral;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountsTest {
  private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
  private static final Counts TWO = new Counts(2L, "2026-01-01T00:00:00Z", null);
  private static final Counts FIVE = new Counts(5L, "2025-12-31T00:00:00Z", null);

  private static Counts sum(Counts... counts) {
    return Counts.sum(List.of(counts));
  }

  private static Counts deferred(long messages, String nextHop, String text) {
    return new Counts(9L, null, new Deferral(messages, nextHop, "auth", "4.7.8", text));
  }

  @Test
  void addsUpAndTakesTheOlder() {
    assertThat(sum(TWO, FIVE)).isEqualTo(new Counts(7L, "2025-12-31T00:00:00Z", null));
    assertThat(sum(FIVE, Counts.NONE)).isEqualTo(FIVE);
    assertThat(sum(Counts.NONE, FIVE)).isEqualTo(FIVE);
    assertThat(sum(Counts.NONE, Counts.NONE)).isEqualTo(Counts.NONE);
    assertThat(sum(TWO, new Counts(0L, null, null))).isEqualTo(TWO);
    assertThat(sum()).isEqualTo(Counts.NONE);
  }

  @Test
  void namesWhatMostWaitForInWhateverOrderRelaysAreAsked() {
    Counts five = deferred(5, "a.example", "a.example said: 535");
    Counts three = deferred(3, "b.example", "b.example said: 535 (1)");
    Counts four = deferred(4, "b.example", "b.example said: 535 (2)");

    for (Counts sum : List.of(sum(five, three, TWO, four), sum(four, five, three, TWO))) {
      assertThat(sum.deferral())
          .isEqualTo(new Deferral(7L, "b.example", "auth", "4.7.8", "b.example said: 535 (1)"));
    }
    assertThat(sum(TWO, FIVE).deferral()).isNull();
  }

  @Test
  void saysHowManyWaitForWhat() {
    assertThat(TWO.waiting()).isEmpty();
    assertThat(deferred(7, "b.example", "b.example said: 535").waiting())
        .isEqualTo("; 7 of 9 queued messages wait for b.example: b.example said: 535");
    assertThat(deferred(10, "b.example", "no").waiting())
        .as("counted a moment later")
        .isEqualTo("; 10 queued messages wait for b.example: no");
  }

  @Test
  void letsAnotherReasonThroughAtMostOnceAMinuteToo() {
    Counts.Gate gate = new Counts.Gate();
    Counts before = deferred(7, "b.example", "no");
    Counts after = deferred(7, "b.example", "still no");

    assertThat(gate.pass("uid", Counts.NONE, before, T)).isEqualTo(before);
    assertThat(gate.pass("uid", before, after, T.plusSeconds(59))).isEqualTo(before);
    assertThat(gate.pass("uid", before, after, T.plusSeconds(60))).isEqualTo(after);
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

  @Test
  void doesNotTakeFiguresBackWhereTheObjectThatWasReadIsOlderThanTheirWrite() {
    Counts.Gate gate = new Counts.Gate();
    Counts why = deferred(7, "b.example", "no");
    gate.pass("uid", Counts.NONE, why, T);

    assertThat(gate.pass("uid", Counts.NONE, why, T.plusSeconds(1))).isEqualTo(why);
    assertThat(gate.pass("uid", Counts.NONE, TWO, T.plusSeconds(2))).isEqualTo(why);
    assertThat(gate.pass("uid", Counts.NONE, TWO, T.plusSeconds(60))).isEqualTo(TWO);
  }
}
