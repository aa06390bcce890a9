package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which message is due when. One scheduler thread starts attempts, each on a thread of its own;
 * session threads hand messages over. All state is guarded by one lock, which is never held during
 * I/O.
 */
public final class Queue {
  private static final Logger LOG = LoggerFactory.getLogger(Queue.class);
  private static final int MOST_RUNNING = 200;
  private static final Duration RECORD_AGAIN = Duration.ofMinutes(1);

  /** A sleep is never longer, since a wall clock may be set forward. */
  private static final Duration LONGEST_SLEEP = Duration.ofSeconds(10);

  private final CurrentConfig config;
  private final Spool spool;
  private final Function<MailAddress, Destination> router;
  private final Clock clock;
  private final Executor threads;
  private final Attempts attempts;
  private final RetrySchedule schedule = new RetrySchedule(new SecureRandom());

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Backlog backlog = new Backlog(MOST_RUNNING);
  private final TreeMap<QueueId, QueuedMessage> messages = new TreeMap<>();
  private boolean stopping;
  private volatile @Nullable Thread scheduler;

  /** Counts changes of the configuration that let put-off mail move. */
  private long changes;

  /** Something changed since the scheduler last looked. */
  private boolean news;

  /**
   * @param router where a recipient's mail goes now
   * @param threads what attempts run on
   */
  public Queue(
      CurrentConfig config,
      Spool spool,
      Delivery delivery,
      Function<MailAddress, Destination> router,
      Clock clock,
      MeterRegistry metrics,
      Executor threads) {
    this.config = config;
    this.spool = spool;
    this.router = router;
    this.clock = clock;
    this.threads = threads;
    Notices notices = new Notices(config, spool, clock);
    this.attempts =
        new Attempts(config, spool, delivery, notices, clock, new QueueMetrics(metrics));
    Gauge.builder("bridgehead.queue.messages", this, Queue::queued)
        .description("Messages in the queue, held ones included")
        .register(metrics);
    Gauge.builder("bridgehead.queue.held.messages", this, Queue::held)
        .description("Messages that can neither be delivered nor returned to anybody")
        .register(metrics);
    Gauge.builder("bridgehead.queue.oldest", this, Queue::oldestSeconds)
        .description("Age of the oldest message in the queue")
        .baseUnit("seconds")
        .register(metrics);
  }

  /** Takes over what the spool recovered, and begins. */
  public void start() {
    recover();
    scheduler = Thread.ofPlatform().name("queue").daemon().start(this::schedule);
  }

  /** False where nothing would ever be delivered again: the process had better be restarted. */
  public boolean alive() {
    Thread thread = scheduler;
    return thread == null || thread.isAlive();
  }

  /** All of {@link #start} but the scheduler's thread. */
  void recover() {
    config.onChange(this::configChanged);
    try {
      spool.recover(this::enqueue);
    } catch (IOException e) {
      throw new UncheckedIOException("the spool can't be read: " + e.getMessage(), e);
    }
  }

  /** Takes a message that is in the spool. */
  public void enqueue(StoredMessage stored) {
    lock.lock();
    try {
      boolean release = postmaster(config.get());
      QueuedMessage message = new QueuedMessage(stored);
      messages.put(message.id(), message);
      for (MessageState.Group group : stored.state().open()) {
        boolean held = group.hold() == MessageState.Hold.NO_ADDRESSEE;
        Instant due = held ? release ? clock.instant() : Parcel.HELD : group.due();
        add(message, group.recipients(), group.attempts(), due);
      }
      tell();
    } finally {
      lock.unlock();
    }
  }

  /** Messages in the queue, held ones included. */
  public int queued() {
    return locked(messages::size);
  }

  /** Messages that wait for a postmaster to be named. */
  public int held() {
    return locked(() -> (int) messages.values().stream().filter(QueuedMessage::held).count());
  }

  /** When the oldest message arrived. */
  public Optional<Instant> oldest() {
    return locked(
        () ->
            messages.isEmpty()
                ? Optional.empty()
                : Optional.of(messages.firstEntry().getValue().envelope().arrived()));
  }

  private double oldestSeconds() {
    return oldest()
        .map(arrived -> Duration.between(arrived, clock.instant()).toMillis() / 1000.0)
        .orElse(0.0);
  }

  /** Starts no further attempt, and waits for those under way, at most so long. */
  public void stop(Duration most) throws InterruptedException {
    long left = most.toNanos();
    lock.lock();
    try {
      stopping = true;
      tell();
      while (backlog.running() > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void tell() {
    news = true;
    changed.signalAll();
  }

  private void schedule() {
    while (true) {
      startDue();
      lock.lock();
      try {
        if (stopping) {
          return;
        }
        if (!news) {
          long unused = changed.awaitNanos(sleep().toNanos());
        }
        news = false;
      } catch (InterruptedException e) {
        return;
      } finally {
        lock.unlock();
      }
    }
  }

  private Duration sleep() {
    Instant due = backlog.nextDue();
    if (due == null) {
      return LONGEST_SLEEP;
    }
    Duration until = Duration.between(clock.instant(), due);
    return until.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : until;
  }

  /** Starts every attempt that may start now. */
  void startDue() {
    Start next = next();
    while (next != null) {
      Start start = next;
      threads.execute(() -> run(start));
      next = next();
    }
  }

  /**
   * A parcel to attempt.
   *
   * @param changes seen when it was started
   */
  private record Start(Parcel parcel, long changes) {}

  private @Nullable Start next() {
    return locked(
        () -> {
          Parcel parcel = stopping ? null : backlog.start(clock.instant());
          return parcel == null ? null : new Start(parcel, changes);
        });
  }

  private void run(Start start) {
    Parcel parcel = start.parcel();
    Results results = attempted(parcel);
    results.notice().ifPresent(this::enqueue);
    boolean recorded = settleAndRecord(start, results);
    QueuedMessage message = parcel.message();
    lock.lock();
    try {
      backlog.finished(parcel, results.host());
      if (!recorded) {
        Instant due = clock.instant().plus(RECORD_AGAIN);
        Parcel again = new Parcel(message, parcel.destination(), List.of(), parcel.attempts(), due);
        message.parcels().add(again);
        backlog.add(again);
      } else if (message.done() && message.parcels().isEmpty()) {
        messages.remove(message.id());
      }
      tell();
    } finally {
      lock.unlock();
    }
  }

  private Results attempted(Parcel parcel) {
    if (parcel.recipients().isEmpty()) { // only its record is missing
      return Results.deferred(List.of());
    }
    try {
      return attempts.run(
          parcel,
          delivered -> recordEarly(parcel.message(), delivered),
          () -> locked(() -> stopping));
    } catch (RuntimeException e) { // a defect of ours must not lose mail, nor stop the others'
      LOG.error("{}: the attempt broke off", parcel.message().id(), e);
      return Results.deferred(parcel.recipients());
    }
  }

  /** One at a time for a message, so that what is written last is what was true last. */
  private boolean settleAndRecord(Start start, Results results) {
    QueuedMessage message = start.parcel().message();
    synchronized (message) {
      Record record = locked(() -> settle(start, results));
      if (message.removed()) {
        return true;
      }
      boolean recorded = record(message.id(), record);
      message.removed(recorded && record.last);
      return recorded;
    }
  }

  /**
   * Writes down who has the message while its attempt goes on; the attempt's end does so again, and
   * it alone removes the message.
   */
  private void recordEarly(QueuedMessage message, Set<Integer> delivered) {
    synchronized (message) {
      Record record =
          locked(
              () -> {
                message.settled().addAll(delivered);
                return record(message);
              });
      if (!record.last) {
        boolean unused = record(message.id(), record);
      }
    }
  }

  /** What is to be written of a message. */
  private record Record(MessageState state, boolean last) {}

  private Record settle(Start start, Results results) {
    Parcel parcel = start.parcel();
    QueuedMessage message = parcel.message();
    message.parcels().remove(parcel);
    message.settled().addAll(results.settled());
    int made = parcel.attempts() + 1;
    Instant now = clock.instant();
    RelayConfig current = config.get();
    Instant next = schedule.next(current.retry(), message.envelope().arrived(), now, made);
    boolean overtaken = start.changes() != changes; // the attempt was made on terms that are gone
    Instant release = overtaken && postmaster(current) ? now : Parcel.HELD;
    add(message, open(message, results.deferred()), made, overtaken ? now : next);
    add(message, open(message, results.held()), made, release);
    return record(message);
  }

  private static Record record(QueuedMessage message) {
    List<MessageState.Group> groups = new ArrayList<>();
    for (Parcel parcel : message.parcels()) {
      List<Integer> recipients = open(message, parcel.recipients());
      if (!recipients.isEmpty()) {
        groups.add(
            new MessageState.Group(
                recipients,
                parcel.attempts(),
                parcel.due(),
                parcel.held() ? MessageState.Hold.NO_ADDRESSEE : MessageState.Hold.NONE,
                false));
      }
    }
    return new Record(new MessageState(groups), message.done());
  }

  /** Who was delivered early stays so, whatever an attempt that broke off says at its end. */
  private static List<Integer> open(QueuedMessage message, List<Integer> recipients) {
    return recipients.stream().filter(each -> !message.settled().contains(each)).toList();
  }

  private boolean record(QueueId id, Record record) {
    try {
      spool.record(id, record.state);
      return true;
    } catch (IOException e) {
      LOG.error(
          "{}: its outcome can't be written, and would be forgotten by a restart: {}",
          id,
          e.toString());
      return false;
    }
  }

  /** Groups recipients by where they go now. */
  private void add(QueuedMessage message, List<Integer> recipients, int made, Instant due) {
    Map<Destination, List<Integer>> byDestination = new LinkedHashMap<>();
    for (int recipient : recipients) {
      Destination destination = router.apply(message.envelope().recipients().get(recipient));
      byDestination.computeIfAbsent(destination, _ -> new ArrayList<>()).add(recipient);
    }
    byDestination.forEach(
        (destination, group) -> {
          Parcel parcel = new Parcel(message, destination, group, made, due);
          message.parcels().add(parcel);
          backlog.add(parcel);
        });
  }

  /** Another next hop, or other terms with it: what was put off may move now. */
  private void configChanged(RelayConfig before, RelayConfig now) {
    boolean release = postmaster(now) && !now.access().equals(before.access());
    boolean move =
        !before.routes().equals(now.routes()) || !before.outgoing().equals(now.outgoing());
    if (!release && !move) {
      return;
    }
    lock.lock();
    try {
      changes++;
      Instant instant = clock.instant();
      for (Parcel parcel : backlog.drain()) {
        parcel.message().parcels().remove(parcel);
        boolean due = parcel.held() ? release : move;
        if (parcel.recipients().isEmpty()) {
          parcel.message().parcels().add(parcel);
          backlog.add(parcel);
        } else {
          add(
              parcel.message(),
              parcel.recipients(),
              parcel.attempts(),
              due ? instant : parcel.due());
        }
      }
      tell();
    } finally {
      lock.unlock();
    }
  }

  private static boolean postmaster(RelayConfig config) {
    return config.access().postmaster() != null;
  }

  private <T extends @Nullable Object> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
