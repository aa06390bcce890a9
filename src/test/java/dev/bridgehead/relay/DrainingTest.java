package dev.bridgehead.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a relay follows what the configuration says of draining. */
class DrainingTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final AtomicBoolean asked = new AtomicBoolean(true);
  private final AtomicReference<@Nullable Draining> following = new AtomicReference<>();
  private final List<Draining.Phase> whenResumed = Collections.synchronizedList(new ArrayList<>());

  private void resume() {
    Draining draining = following.get();
    whenResumed.add(draining == null ? Draining.Phase.NONE : draining.phase());
  }

  @Test
  void drainsAlsoWhereItIsAskedToAgainWhileItStillHearsThatItIsNot() {
    AtomicInteger looks = new AtomicInteger();
    // At the start, and once in the grace, the configuration says no.
    BooleanSupplier asking = () -> !Set.of(0, 2).contains(looks.getAndIncrement());
    try (Draining draining =
        new Draining(asking, () -> {}, this::resume, null, Duration.ofMillis(1))) {
      draining.start();

      await().atMost(SOON).until(() -> draining.phase() == Draining.Phase.CLOSED);
      assertThat(whenResumed).hasSize(1);
    }
  }

  @Test
  void isNotClosedAnyMoreWhenTheFirstClientIsLetInAgain() {
    try (Draining draining =
        new Draining(asked::get, () -> {}, this::resume, null, Duration.ZERO)) {
      following.set(draining);
      draining.start();
      assertThat(draining.phase()).isEqualTo(Draining.Phase.CLOSED);

      asked.set(false);
      draining.look();

      await().atMost(SOON).until(() -> draining.phase() == Draining.Phase.NONE);
      assertThat(whenResumed).containsExactly(Draining.Phase.ACCEPTING);
    }
  }
}
