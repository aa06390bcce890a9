package dev.bridgehead.relay.smtp;

import dev.bridgehead.validation.Cidr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that are open, bounded in all, for each client, and for each IPv6 /64: one host may
 * have all of its addresses. Any thread.
 */
final class Sessions {
  private final SessionLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final Set<SmtpSession> open = new HashSet<>();
  private final Map<InetAddress, Integer> perClient = new HashMap<>();
  private final Map<Cidr, Integer> perNetwork = new HashMap<>();
  private boolean closing;

  Sessions(SessionLimits limits) {
    this.limits = limits;
  }

  /**
   * Counts a session in, or says why not.
   *
   * @return null where it is in; then {@link #leave} must follow
   */
  @Nullable Answer enter(SmtpSession session) {
    lock.lock();
    try {
      if (closing) {
        return Answer.refused(Refusal.CLOSING, 421, 3, 2, "server is shutting down");
      }
      if (open.size() >= limits.sessions()) {
        return tooMany("too many sessions, try again later");
      }
      if (perClient.getOrDefault(session.address(), 0) >= limits.sessionsPerClient()) {
        return tooMany("too many sessions from your address, try again later");
      }
      Optional<Cidr> network = Cidr.network64(session.address());
      if (network.map(it -> perNetwork.getOrDefault(it, 0)).orElse(0)
          >= limits.sessionsPerNetwork()) {
        return tooMany("too many sessions from your network, try again later");
      }
      open.add(session);
      perClient.merge(session.address(), 1, Integer::sum);
      network.ifPresent(it -> perNetwork.merge(it, 1, Integer::sum));
      return null;
    } finally {
      lock.unlock();
    }
  }

  private static Answer tooMany(String text) {
    return Answer.refused(Refusal.TOO_MANY_SESSIONS, 421, 7, 0, text);
  }

  void leave(SmtpSession session) {
    lock.lock();
    try {
      open.remove(session);
      oneLess(perClient, session.address());
      Cidr.network64(session.address()).ifPresent(it -> oneLess(perNetwork, it));
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static <K> void oneLess(Map<K, Integer> counts, K of) {
    counts.computeIfPresent(of, (_, count) -> count > 1 ? count - 1 : null);
  }

  int size() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }

  List<SmtpSession> all() {
    lock.lock();
    try {
      return List.copyOf(open);
    } finally {
      lock.unlock();
    }
  }

  /** From here on nobody enters; returns who is in. */
  List<SmtpSession> close() {
    lock.lock();
    try {
      closing = true;
      return List.copyOf(open);
    } finally {
      lock.unlock();
    }
  }

  /** Lets sessions in again. */
  void open() {
    lock.lock();
    try {
      closing = false;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nobody is in; false where some still are, or the thread was interrupted. */
  boolean awaitEmpty(Duration atMost) {
    long nanos = atMost.toNanos();
    lock.lock();
    try {
      while (!open.isEmpty()) {
        if (nanos <= 0) {
          return false;
        }
        nanos = left.awaitNanos(nanos);
      }
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
