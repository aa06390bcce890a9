package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.bridgehead.api.Condition;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final String TRIED_AGAIN =
      "exceeded quota; it is tried again by itself, later each time";
  private static final Instant T1 = Instant.parse("2026-01-01T00:00:00.123Z");
  private static final Instant T2 = Instant.parse("2026-01-01T00:01:00Z");

  @Test
  void keepsTheTimeWhileTheStatusStaysTheSame() {
    List<Condition> first =
        new Conditions(1L).no("Ready", Reason.PODS_NOT_READY, "0 of 2").after(null, T1);
    List<Condition> second =
        new Conditions(2L).no("Ready", Reason.PODS_NOT_READY, "1 of 2").after(first, T2);

    assertThat(second.getFirst().lastTransitionTime()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(second.getFirst().message()).isEqualTo("1 of 2");
    assertThat(second.getFirst().observedGeneration()).isEqualTo(2);
  }

  @Test
  void takesTheNewTimeWhenTheStatusChanges() {
    List<Condition> first =
        new Conditions(1L).no("Ready", Reason.PODS_NOT_READY, "m").after(null, T1);
    List<Condition> second =
        new Conditions(1L).yes("Ready", Reason.PODS_READY, "m").after(first, T2);

    assertThat(second.getFirst().lastTransitionTime()).isEqualTo("2026-01-01T00:01:00Z");
  }

  @Test
  void isEqualWhereNothingChanged() {
    List<Condition> first = new Conditions(1L).yes("Ready", Reason.PODS_READY, "m").after(null, T1);

    assertThat(new Conditions(1L).yes("Ready", Reason.PODS_READY, "m").after(first, T2))
        .isEqualTo(first);
  }

  @Test
  void keepsWhatIsKnownOfThisGenerationWhileTheApiServerRefuses() {
    List<Condition> before =
        new Conditions(2L)
            .yes("Ready", Reason.PODS_READY, "all")
            .yes("Accepted", Reason.IS_ACCEPTED, "")
            .after(null, T1);

    assertThat(Conditions.hindered(2L, before, "exceeded quota").after(before, T2))
        .extracting(Condition::type, Condition::status)
        .containsExactly(
            tuple("Ready", "True"), tuple("Accepted", "True"), tuple("Reconciling", "True"));
    assertThat(Conditions.hindered(3L, before, "exceeded quota").after(before, T2))
        .extracting(Condition::type, Condition::status, Condition::message)
        .containsExactly(
            tuple("Ready", "False", TRIED_AGAIN), tuple("Reconciling", "True", TRIED_AGAIN));
  }

  @Test
  void refusesAReasonThatIsNotOneForIt() {
    Conditions conditions = new Conditions(1L);

    assertThatThrownBy(() -> conditions.yes("Ready", Reason.PODS_NOT_READY, "m"))
        .hasMessage("PODS_NOT_READY is no reason for Ready to be True");
    assertThatThrownBy(() -> conditions.no("Accepted", Reason.PODS_NOT_READY, "m"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cutsMessagesThatAreTooLong() {
    List<Condition> list =
        new Conditions(1L).no("Ready", Reason.PODS_NOT_READY, "x".repeat(9999)).after(null, T1);

    assertThat(Conditions.message(list.getFirst())).hasSize(4096).endsWith("…");
  }
}
