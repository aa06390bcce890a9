package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReconcilerThreadsTest {
  private final ReconcilerThreads threads = new ReconcilerThreads(2);
  private final CountDownLatch begun = new CountDownLatch(1);

  @Test
  void endInPeaceWhereTheLastTaskEndsByItself() throws InterruptedException {
    threads.execute(begun::countDown);
    threads.shutdown();

    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(threads.endedInPeace()).isTrue();
  }

  /** What it had sent may still reach the API server: the Lease must run out. */
  @Test
  void doNotEndInPeaceWhereATaskHadToBeInterrupted() throws InterruptedException {
    threads.execute(this::waitForever);
    begun.await();
    threads.shutdown();
    assertThat(threads.endedInPeace()).isFalse();

    threads.shutdownNow();

    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(threads.endedInPeace()).isFalse();
  }

  private void waitForever() {
    begun.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
