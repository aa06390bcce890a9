package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DrainOrderTest {
  private static final DrainOrder LAST = new DrainOrder(1, "old");

  @Test
  void theSameDrainGoesOnUnderItsNonce() {
    assertThat(next(OptionalInt.of(1), Optional.of(LAST))).contains(LAST);
  }

  @Test
  void aDrainThatBeginsHasANonceOfItsOwn() {
    assertThat(next(OptionalInt.of(1), Optional.empty())).contains(new DrainOrder(1, "new"));
  }

  @Test
  void soHasOneFromAnotherOrdinal() {
    assertThat(next(OptionalInt.of(2), Optional.of(LAST))).contains(new DrainOrder(2, "new"));
  }

  @Test
  void nobodyDrainsWhereNoneIsBeyond() {
    assertThat(next(OptionalInt.empty(), Optional.of(LAST))).isEmpty();
  }

  private static Optional<DrainOrder> next(OptionalInt from, Optional<DrainOrder> last) {
    return DrainOrder.next(from, last, () -> "new");
  }
}
