package dev.bridgehead.relay.smtp;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a session may still begin a transaction, agreed between its own thread and the one that
 * closes the server.
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  private final Socket socket;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean asked; // guarded by lock
  private boolean inTransaction; // guarded by lock; written by the session's thread only

  Ending(Socket socket) {
    this.socket = socket;
  }

  /** The session's thread begins a transaction; false where the session is to end. */
  boolean beginTransaction() {
    lock.lock();
    try {
      inTransaction = !asked;
      return inTransaction;
    } finally {
      lock.unlock();
    }
  }

  /** The session's thread is done with a transaction, if there was one. */
  void endTransaction() {
    lock.lock();
    try {
      inTransaction = false;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #ask} was called. */
  boolean asked() {
    lock.lock();
    try {
      return asked;
    } finally {
      lock.unlock();
    }
  }

  /** Asks the session to end: at once where it is idle, else after its transaction. */
  void ask() {
    lock.lock();
    try {
      asked = true;
      changed.signalAll();
      if (!inTransaction) {
        wake();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The session's thread does nothing for a while, but no longer than until the session is to end.
   */
  void pause(Duration length) {
    long nanos = length.toNanos();
    lock.lock();
    try {
      while (nanos > 0 && !asked) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** The session's thread, where it waits for input, reads the end of the connection. */
  void wake() {
    try {
      socket.shutdownInput();
    } catch (IOException closed) {
      LOG.trace("session has ended already");
    }
  }
}
