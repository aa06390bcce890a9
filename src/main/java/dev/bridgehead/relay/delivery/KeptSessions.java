package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.routing.NextHop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that have finished a message and wait a moment for the next one to the same next hop,
 * spoken to in the same way. Any thread may enter; none waits for a peer.
 */
final class KeptSessions {
  /** As Postfix's: a server behind a load balancer, or a changed certificate, is met again. */
  private static final Duration LONGEST = Duration.ofSeconds(300);

  private static final int MOST_MESSAGES = 1000;
  private static final int MOST = 500;
  private static final int MOST_PER_HOP = 50;

  private final long idleTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<NextHop, Deque<Kept>> idle = new HashMap<>();
  private int count;
  private int turn;
  private boolean sweeping;
  private boolean closed;

  /**
   * @param since on the clock of {@link Deadlines}
   */
  private record Kept(SmtpConnection connection, long since) {}

  /**
   * @param idleTime how long one waits for another message
   */
  KeptSessions(Duration idleTime) {
    this.idleTime = idleTime.toNanos();
  }

  private boolean tooOld(Kept kept, long now) {
    return now - kept.since() > idleTime || now - kept.connection().opened() > LONGEST.toNanos();
  }

  /**
   * A session with one of some peers that are equally good; null where none is kept. The caller
   * owns it from here on.
   */
  @Nullable SmtpConnection take(List<Peer> peers) {
    while (true) {
      SmtpConnection found = next(peers);
      if (found == null || found.quiet()) {
        return found;
      }
      found.close(); // it spoke unasked: a farewell, or nonsense
    }
  }

  private @Nullable SmtpConnection next(List<Peer> peers) {
    List<SmtpConnection> unfit = new ArrayList<>();
    lock.lock();
    try {
      if (count == 0) {
        return null;
      }
      turn++;
      for (int i = 0; i < peers.size(); i++) {
        SmtpConnection found = next(peers.get(Math.floorMod(turn + i, peers.size())), unfit);
        if (found != null) {
          return found;
        }
      }
      return null;
    } finally {
      lock.unlock();
      unfit.forEach(SmtpConnection::leave);
    }
  }

  /** The one used last: the others may run out. Those spoken to in another way stay for others. */
  private @Nullable SmtpConnection next(Peer peer, List<SmtpConnection> unfit) {
    Deque<Kept> kept = idle.get(peer.hop());
    if (kept == null) {
      return null;
    }
    SmtpConnection found = null;
    Iterator<Kept> latestFirst = kept.descendingIterator();
    while (found == null && latestFirst.hasNext()) {
      Kept it = latestFirst.next();
      boolean old = tooOld(it, Deadlines.now());
      if (old) {
        unfit.add(it.connection());
      } else if (it.connection().asked().equals(peer)) {
        found = it.connection();
      }
      if (old || found != null) {
        latestFirst.remove();
        count--;
      }
    }
    if (kept.isEmpty()) {
      idle.remove(peer.hop());
    }
    return found;
  }

  /** Whether there is one with a next hop, however it is spoken to. */
  boolean any(NextHop hop) {
    lock.lock();
    try {
      return idle.containsKey(hop);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps a session after a complete transaction.
   *
   * @return false where it is not kept: the caller still owns it
   */
  boolean keep(SmtpConnection connection) {
    long now = Deadlines.now();
    if (connection.messages() >= MOST_MESSAGES || now - connection.opened() > LONGEST.toNanos()) {
      return false;
    }
    lock.lock();
    try {
      if (closed || count >= MOST) {
        return false;
      }
      Deque<Kept> kept = idle.computeIfAbsent(connection.asked().hop(), _ -> new ArrayDeque<>());
      if (kept.size() >= MOST_PER_HOP) {
        return false;
      }
      kept.addLast(new Kept(connection, now));
      count++;
      if (!sweeping) {
        sweeping = true;
        Thread.ofVirtual().name("kept-sessions").start(this::sweep);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  int count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Runs while there are any. */
  private void sweep() {
    boolean more = true;
    while (more) {
      List<SmtpConnection> old = new ArrayList<>();
      lock.lock();
      try {
        awaitTick();
        long now = Deadlines.now();
        Iterator<Deque<Kept>> all = idle.values().iterator();
        while (all.hasNext()) {
          Deque<Kept> kept = all.next();
          // Those kept first are at the head; a session's whole age may end out of order.
          kept.removeIf(it -> tooOld(it, now) && old.add(it.connection()));
          if (kept.isEmpty()) {
            all.remove();
          }
        }
        count -= old.size();
        more = count > 0;
        sweeping = more;
      } finally {
        lock.unlock();
      }
      old.forEach(SmtpConnection::leave);
    }
  }

  private void awaitTick() {
    long left = idleTime / 4;
    while (left > 0 && !closed) {
      try {
        left = changed.awaitNanos(left);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts the sweeper", e);
      }
    }
  }

  /** Takes leave of all; none is kept any more. */
  void close() {
    List<SmtpConnection> all = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      idle.values().forEach(kept -> kept.forEach(it -> all.add(it.connection())));
      idle.clear();
      count = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    all.forEach(SmtpConnection::leave);
  }
}
