package dev.bridgehead.webhook;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something again and again on a thread of its own, and earlier when woken; whatever comes of
 * it. A failure is logged once, and again after it has gone well.
 */
final class Rounds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

  private final Duration interval;
  private final Runnable round;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean woken; // guarded by lock
  private boolean closed; // guarded by lock

  Rounds(String name, Duration interval, Runnable round) {
    this.interval = interval;
    this.round = round;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  void begin() {
    thread.start();
  }

  void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    boolean failing = false;
    while (awaitNext()) {
      try {
        round.run();
        failing = false;
      } catch (KubernetesClientException e) {
        if (!failing) {
          LOG.warn("{} is tried again every {}: {}", thread.getName(), interval, e.getMessage());
        }
        failing = true;
      } catch (RuntimeException | Error e) {
        // Whatever it was: without rounds the certificate would run out unseen.
        if (!failing) {
          LOG.error("{} failed and is tried again every {}", thread.getName(), interval, e);
        }
        failing = true;
      }
    }
  }

  /**
   * @return false where it ends
   */
  private boolean awaitNext() {
    lock.lock();
    try {
      long left = interval.toNanos();
      while (!closed && !woken && left > 0) {
        left = changed.awaitNanos(left);
      }
      woken = false;
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
