package dev.bridgehead.operator.bridgehead;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.operator.model.Reason;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LongestDrainTest {
  private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final LongestDrain drains = new LongestDrain(metrics, Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void isNoneWhereNothingDrains() {
    assertThat(seconds()).isZero();
  }

  @Test
  void isTheOneThatBeganFirst() {
    drains.saw("one", status(true, NOW.minusSeconds(30)));
    drains.drains("two", "2026-01-01T00:00:00Z");

    assertThat(seconds()).isEqualTo(3600);

    drains.forget("two");

    assertThat(seconds()).isEqualTo(30);
  }

  @Test
  void endsWhenTheStatusSaysSo() {
    drains.saw("one", status(true, NOW.minusSeconds(30)));
    drains.saw("one", status(false, NOW));

    assertThat(seconds()).isZero();
  }

  private double seconds() {
    return metrics.get("bridgehead.operator.drain.oldest.seconds").gauge().value();
  }

  private static BridgeheadStatus status(boolean draining, Instant since) {
    Conditions conditions = new Conditions(1L);
    if (draining) {
      conditions.yes(Conditions.DRAINING, Reason.SCALING_DOWN, "some");
    } else {
      conditions.no(Conditions.DRAINING, Reason.NOT_DRAINING, "none");
    }
    return new BridgeheadStatus(
        1L, conditions.after(null, since), null, null, null, null, null, null, null, null);
  }
}
