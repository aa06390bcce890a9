package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundsTest {
  @ParameterizedTest
  @ValueSource(classes = {IllegalStateException.class, StackOverflowError.class})
  void goOnAfterAnyFailure(Class<? extends Throwable> failure) throws InterruptedException {
    CountDownLatch several = new CountDownLatch(3);
    try (Rounds rounds =
        new Rounds(
            "test",
            Duration.ofMillis(1),
            () -> {
              several.countDown();
              fail(failure);
            })) {
      rounds.begin();

      assertThat(several.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void fail(Class<? extends Throwable> failure) {
    if (failure == StackOverflowError.class) {
      throw new StackOverflowError("as a test wants it");
    }
    throw new IllegalStateException("as a test wants it");
  }
}
