package dev.bridgehead.relay.spool;

import java.util.concurrent.atomic.AtomicLong;

/** How much memory the contents of all messages on their way in may take together. */
final class HeapBudget {
  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  HeapBudget(long limit) {
    this.limit = limit;
  }

  /** An eighth of the heap, at most 32 MiB. */
  static HeapBudget ofThisProcess() {
    return new HeapBudget(Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 8));
  }

  /** Whether so much more was still free; then it is taken. */
  boolean take(int octets) {
    if (taken.addAndGet(octets) <= limit) {
      return true;
    }
    taken.addAndGet(-octets);
    return false;
  }

  void give(int octets) {
    taken.addAndGet(-octets);
  }
}
