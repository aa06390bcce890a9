package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When a sibling is spoken to again. */
class SiblingTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Sibling sibling =
      new Sibling(new Place("test-edge", 0), Duration.ofSeconds(1), nanos::get);

  /** Seconds until it is spoken to. */
  private long pause() {
    long passed = 0;
    while (!sibling.due()) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      passed++;
    }
    return passed;
  }

  @Test
  void isLeftAloneForLongerThoughSessionsBeginWhereNoOfferSucceeds() {
    sibling.opened("one");
    sibling.failed("broken");
    assertThat(pause()).isEqualTo(1);
    sibling.opened("two");
    sibling.failed("broken");
    assertThat(pause()).isEqualTo(2);
    sibling.opened("three");
    sibling.failed("broken");
    assertThat(pause()).isEqualTo(4);

    sibling.opened("four");
    sibling.took();
    sibling.failed("broken");
    assertThat(pause()).isEqualTo(1);
  }

  @Test
  void isNotLeftAloneForLongerBecauseSeveralOffersBreakAtOnce() {
    for (int i = 0; i < 8; i++) {
      sibling.failed("broken");
    }
    assertThat(pause()).isEqualTo(1);
  }
}
