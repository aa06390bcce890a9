package dev.bridgehead.operator;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether something is to end. Who waits between two attempts hears of it at once. Any thread. */
public final class Closing {
  private final CountDownLatch latch = new CountDownLatch(1);

  public void begin() {
    latch.countDown();
  }

  public boolean begun() {
    return latch.getCount() == 0;
  }

  /** Waits for it; an interrupt counts as the end. */
  public boolean beginsWithin(Duration time) {
    try {
      return latch.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
