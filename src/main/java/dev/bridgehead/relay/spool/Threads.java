package dev.bridgehead.relay.spool;

/** Waiting for the spool's own threads. */
final class Threads {
  private Threads() {}

  /** Waits for a thread's end, deaf to interrupts: half a close is none. */
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
