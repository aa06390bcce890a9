package dev.bridgehead.relay.delivery;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends connections whose time is up: one thread for all of them, which looks every {@link #TICK}. A
 * timer for each step of each connection would cost more than the step itself.
 */
final class Deadlines {
  private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);

  static final Deadlines SHARED = new Deadlines();

  /** How late a deadline may be noticed; the shortest of the RFC's is minutes. */
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long START = System.nanoTime();

  private final Set<Timed> open = ConcurrentHashMap.newKeySet();
  private boolean told;
  private final Thread sweeper =
      Thread.ofPlatform().daemon().name("delivery-deadlines").unstarted(this::sweep);

  /** What has a deadline. */
  interface Timed {
    /**
     * Ends it where its time is up. Called often; must not block.
     *
     * @param now as {@link #now} gives it
     */
    void endIfDue(long now);
  }

  private Deadlines() {
    sweeper.start();
  }

  /** Nanoseconds on a clock that only goes forward, from about 0. */
  static long now() {
    return System.nanoTime() - START;
  }

  void add(Timed timed) {
    open.add(timed);
    LockSupport.unpark(sweeper);
  }

  void remove(Timed timed) {
    open.remove(timed);
  }

  private void sweep() {
    while (true) {
      if (open.isEmpty()) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, TICK);
      }
      long now = now();
      open.forEach(timed -> end(timed, now));
    }
  }

  /** Whatever it throws: all the others' deadlines hang on this thread. */
  private void end(Timed timed, long now) {
    try {
      timed.endIfDue(now);
    } catch (Throwable e) {
      if (!told) { // once: it is called often
        told = true;
        LOG.error("a connection whose time was up can't be ended", e);
      }
    }
  }
}
