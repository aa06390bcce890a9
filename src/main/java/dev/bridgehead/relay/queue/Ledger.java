package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that the queue knows, and the one lock that guards it, which is never held during I/O.
 * Methods take the lock where they don't say otherwise.
 */
final class Ledger {
  /** Envelopes of a lane that are kept: what is attempted soon need not be read again. */
  private static final int MOST_KEPT_OF_LANE = 256;

  private static final int MOST_KEPT = 4096;
  private static final long AWAKE = Long.MIN_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final TreeMap<QueueId, QueuedMessage> messages = new TreeMap<>();
  private final Backlog backlog;
  private final Reasons reasons = new Reasons();
  private final DelayWatch delays = new DelayWatch();
  private final Origins origins = new Origins(System::nanoTime);
  private final Destinations destinations;
  private final LongSupplier clock;
  private int kept;

  /** Counts changes of the configuration that let put-off mail move. */
  private long changes;

  /** When the scheduler looks again. */
  private long sleepsUntil = AWAKE;

  /** Notices and commands under way. */
  private int errands;

  private boolean stopping;

  Ledger(Backlog backlog, Destinations destinations, LongSupplier clock) {
    this.backlog = backlog;
    this.destinations = destinations;
    this.clock = clock;
  }

  <T extends @Nullable Object> T locked(Supplier<T> action) {
    lock.lock();
    try {
      T result = action.get();
      if (backlog.nextWake() < sleepsUntil) {
        changed.signalAll();
      }
      return result;
    } finally {
      lock.unlock();
    }
  }

  void locking(Runnable action) {
    locked(
        () -> {
          action.run();
          return true;
        });
  }

  long now() {
    return clock.getAsLong();
  }

  /** Only with the lock. */
  TreeMap<QueueId, QueuedMessage> messages() {
    return messages;
  }

  /** Only with the lock. */
  Backlog backlog() {
    return backlog;
  }

  /** Only with the lock. */
  Reasons reasons() {
    return reasons;
  }

  /** Only with the lock. */
  DelayWatch delays() {
    return delays;
  }

  /** Only with the lock. */
  Origins origins() {
    return origins;
  }

  Destinations destinations() {
    return destinations;
  }

  /** Only with the lock. */
  long changes() {
    return changes;
  }

  /** Only with the lock. */
  void countChange() {
    changes++;
  }

  boolean stopping() {
    return locked(() -> stopping);
  }

  /** Only with the lock. */
  boolean mayStart() {
    return !stopping;
  }

  /**
   * Takes a message in that is in the spool. With the lock.
   *
   * @param longest after now, that something may be due: what is due later was written when the
   *     clock was ahead
   */
  void admit(StoredMessage stored, boolean postmaster, Duration longest) {
    long now = now();
    Instant latest = Instant.ofEpochMilli(now).plus(longest);
    QueuedMessage message = new QueuedMessage(stored);
    if (messages.putIfAbsent(message.id(), message) != null) {
      return; // a notice that was stored while the spool was still being read
    }
    if (message.origin() != null) {
      origins.add(message, message.origin());
    }
    if (stored.state().open().isEmpty()) { // kept for whoever asks for it, and else gone
      messages.remove(message.id());
      return;
    }
    delays.arrived(message.id(), messages);
    for (MessageState.Group group : stored.state().open()) {
      boolean release = group.hold() == MessageState.Hold.NO_ADDRESSEE && postmaster;
      MessageState.Group asItIs =
          release
              ? group.due(Instant.ofEpochMilli(now)).hold(MessageState.Hold.NONE)
              : group.due().isAfter(latest) ? group.due(latest) : group;
      for (Parcel parcel : parcels(message, asItIs, stored.envelope())) {
        backlog.add(parcel, now);
        keepIfSoon(parcel, stored.envelope(), now);
      }
    }
  }

  /** A parcel for each way that a group goes. With the lock. */
  List<Parcel> parcels(QueuedMessage message, MessageState.Group group, Envelope envelope) {
    if (group.recipients().size() == 1) {
      Destination way = destinations.of(envelope.recipients().get(group.recipients().getFirst()));
      return List.of(Parcel.of(message, backlog.lane(way), group));
    }
    Map<Destination, List<Integer>> ways = new LinkedHashMap<>();
    for (int recipient : group.recipients()) {
      ways.computeIfAbsent(
              destinations.of(envelope.recipients().get(recipient)), _ -> new ArrayList<>())
          .add(recipient);
    }
    List<Parcel> parcels = new ArrayList<>();
    ways.forEach(
        (way, recipients) ->
            parcels.add(
                Parcel.of(
                    message,
                    backlog.lane(way),
                    new MessageState.Group(
                        recipients,
                        group.attempts(),
                        group.due(),
                        group.hold(),
                        group.delayTold()))));
    return parcels;
  }

  private void keepIfSoon(Parcel parcel, Envelope envelope, long now) {
    if (parcel.state() == Parcel.State.READY
        && parcel.message().envelope() == null
        && !parcel.lane().deferred(now)
        && parcel.lane().ready().size() <= MOST_KEPT_OF_LANE
        && kept < MOST_KEPT) {
      kept++;
      parcel.message().envelope(envelope);
    }
  }

  /** The envelope is not needed soon. With the lock. */
  void forgetEnvelope(QueuedMessage message) {
    if (message.envelope() != null) {
      kept--;
      message.envelope(null);
    }
  }

  /** What a parcel came to, whose reader has put it down. With the lock. */
  void putBack(Parcel parcel, long now) {
    if (parcel.isEmpty()) {
      reasons.set(parcel, null);
      backlog.drop(parcel, now);
    } else {
      backlog.put(parcel, now);
    }
  }

  /** A message of which nothing is left leaves; what is left of others may wait. With the lock. */
  void tidy(QueuedMessage message) {
    if (message.parcels().isEmpty()) {
      forgetEnvelope(message);
      messages.remove(message.id());
    } else if (message.parcels().stream()
        .allMatch(parcel -> parcel.state() == Parcel.State.WAITING)) {
      forgetEnvelope(message);
    }
  }

  /** Counts notices and commands, which a stop waits for. With the lock. */
  void errands(int more) {
    errands += more;
    tell();
  }

  /** With the lock. */
  int errands() {
    return errands;
  }

  /** Something ended that a stop waits for; nobody else does. With the lock. */
  void tell() {
    if (stopping) {
      changed.signalAll();
    }
  }

  /** Nothing starts any more. Waits for what is under way, at most so long. */
  void stop(long mostNanos) throws InterruptedException {
    long left = mostNanos;
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
      while (backlog.running() + errands > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sleeps until something may have to be done.
   *
   * @param mostMillis the wall clock may be set forward: no sleep is longer
   * @return false where there is nothing to wait for any more
   */
  boolean sleep(long mostMillis) throws InterruptedException {
    lock.lock();
    try {
      if (stopping) {
        return false;
      }
      long now = now();
      sleepsUntil = Math.min(backlog.nextWake(), now + mostMillis);
      if (sleepsUntil > now) {
        long unused = changed.awaitNanos((sleepsUntil - now) * 1_000_000);
      }
      return !stopping;
    } finally {
      sleepsUntil = AWAKE;
      lock.unlock();
    }
  }
}
