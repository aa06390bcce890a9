package dev.bridgehead.relay;

import dev.bridgehead.relay.handover.SiblingExchange;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what the configuration says of draining, on a thread of its own: from that moment on the
 * relay is not ready; it takes mail until its clients have noticed, then it turns them away. All of
 * it can be taken back at any time.
 */
final class Draining implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

  private final BooleanSupplier asked;
  private final Runnable turnAway;
  private final Runnable resume;
  private final @Nullable SiblingExchange siblings;
  private final Duration grace;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread = Thread.ofVirtual().name("drain").unstarted(this::follow);
  private volatile Phase phase = Phase.NONE;

  /** Where it stands. */
  enum Phase {
    NONE,
    ACCEPTING,
    CLOSED
  }

  /**
   * @param asked whether the configuration says that this relay drains
   * @param turnAway ends all sessions, and lets nobody in
   * @param resume lets clients in again
   * @param siblings null where there are none
   * @param grace how long mail is taken after that, from clients that have not noticed yet
   */
  Draining(
      BooleanSupplier asked,
      Runnable turnAway,
      Runnable resume,
      @Nullable SiblingExchange siblings,
      Duration grace) {
    this.asked = asked;
    this.turnAway = turnAway;
    this.resume = resume;
    this.siblings = siblings;
    this.grace = grace;
  }

  /** Begins to follow. Where it drains already, clients are turned away from the start. */
  void start() {
    if (asked.getAsBoolean()) {
      closeToSiblings(true);
      turnAway.run();
      phase = Phase.CLOSED;
    }
    thread.start();
  }

  Phase phase() {
    lock.lock();
    try {
      return phase;
    } finally {
      lock.unlock();
    }
  }

  /** The configuration may say something else now. */
  void look() {
    if (siblings != null) {
      siblings.look();
    }
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    try {
      while (true) {
        if (phase == Phase.NONE) {
          begin();
        } else {
          await(false);
          reopen();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer looking for a drain");
    }
  }

  private void begin() throws InterruptedException {
    await(true);
    closeToSiblings(true);
    LOG.info("draining: not ready; mail is accepted for {} more seconds", grace.toSeconds());
    if (awaitWithin(false, grace)) {
      reopen();
      return;
    }
    LOG.info("draining: no new mail is accepted; what is queued is delivered");
    turnAway.run();
    phase = Phase.CLOSED;
    if (siblings != null) {
      siblings.look();
    }
  }

  private void reopen() {
    LOG.info("mail is accepted again: this relay is not to be drained any more");
    resume.run();
    closeToSiblings(false);
    phase = Phase.NONE;
  }

  private void closeToSiblings(boolean closed) {
    if (siblings != null) {
      siblings.closed(closed);
    }
  }

  /**
   * Waits for the configuration to say so; mail is accepted from then on. Nobody may hear of CLOSED
   * in between: by then the configuration may ask for a drain again, and it is not empty for that.
   */
  private void await(boolean wanted) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (asked.getAsBoolean() != wanted) {
        changed.await();
      }
      phase = Phase.ACCEPTING;
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitWithin(boolean wanted, Duration most) throws InterruptedException {
    long left = most.toNanos();
    lock.lockInterruptibly();
    try {
      while (asked.getAsBoolean() != wanted) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
