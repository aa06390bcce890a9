package dev.bridgehead.operator;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Virtual threads for reconciliations; remembers whether one of them was interrupted at the end.
 */
final class ReconcilerThreads extends ThreadPoolExecutor {
  private volatile boolean interrupted; // set by the thread that stops

  /**
   * @param parallel reconciliations at the same time
   */
  ReconcilerThreads(int parallel) {
    super(
        parallel,
        parallel,
        1,
        TimeUnit.MINUTES,
        new LinkedBlockingQueue<>(),
        Thread.ofVirtual().name("reconcile-", 0).factory());
    allowCoreThreadTimeOut(true);
  }

  @Override
  public List<Runnable> shutdownNow() {
    interrupted |= getActiveCount() > 0;
    return super.shutdownNow();
  }

  /**
   * Whether all have ended by themselves. One that was interrupted may have a request under way.
   */
  boolean endedInPeace() {
    return isTerminated() && !interrupted;
  }
}
