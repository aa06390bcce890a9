package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.sts.StsPolicy.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyMemoryTest {
  private static final Instant NOW = Instant.parse("2026-11-29T20:00:00Z");

  private final PolicyMemory memory = new PolicyMemory();

  @Test
  void theOneThatWasAskedForLeastLatelyGoesFirst() {
    for (int i = 0; i < PolicyMemory.MOST; i++) {
      assertThat(memory.put(kept(i), NOW)).isEmpty();
    }
    memory.use("d0.test", NOW);

    assertThat(memory.put(kept(PolicyMemory.MOST), NOW)).containsExactly(kept(1));
    assertThat(memory.size()).isEqualTo(PolicyMemory.MOST);
    assertThat(memory.use("d0.test", NOW)).contains(kept(0));
    assertThat(memory.use("d1.test", NOW)).isEmpty();
  }

  @Test
  void oneThatIsOverIsNeitherGivenNorKept() {
    memory.put(kept(1), NOW);
    Instant end = NOW.plus(Duration.ofDays(7));

    assertThat(memory.use("d1.test", end.minusSeconds(1))).contains(kept(1));
    assertThat(memory.use("d1.test", end)).isEmpty();
    assertThat(memory.expire(end)).containsExactly(kept(1));
    assertThat(memory.size()).isZero();
  }

  @Test
  void isDueAfterADayOrHalfItsLife() {
    memory.put(kept(1), NOW);
    memory.put(kept("short.test", Duration.ofHours(2)), NOW);

    assertThat(memory.due(NOW.plus(Duration.ofMinutes(59)))).isEmpty();
    assertThat(memory.due(NOW.plus(Duration.ofHours(1)))).hasSize(1);
    assertThat(memory.due(NOW.plus(Duration.ofDays(1)))).hasSize(2);

    memory.postpone("d1.test", NOW.plus(Duration.ofDays(2)));
    assertThat(memory.due(NOW.plus(Duration.ofDays(1)))).hasSize(1);
  }

  @Test
  void failuresAreBounded() {
    Failures failures = new Failures();
    for (int i = 0; i <= Failures.MOST; i++) {
      failures.met("d" + i + ".test", "1", "no", NOW);
    }

    assertThat(failures.recent("d0.test", "1", NOW)).isEmpty();
    assertThat(failures.recent("d1.test", "1", NOW)).contains("no");
    assertThat(failures.recent("d1.test", "2", NOW)).isEmpty();
    assertThat(failures.recent("d1.test", "1", NOW.plus(Failures.MEMORY))).isEmpty();
  }

  private static Kept kept(int i) {
    return kept("d" + i + ".test", Duration.ofDays(7));
  }

  private static Kept kept(String domain, Duration maxAge) {
    return new Kept(domain, "1", NOW, new StsPolicy(Mode.ENFORCE, List.of("mx.test"), maxAge));
  }
}
