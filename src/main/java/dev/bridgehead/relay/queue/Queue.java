package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.delivery.Delivery;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which message is due when. Session threads hand messages over and start attempts where there is
 * room; attempts take the next message themselves; one scheduler thread sees to what time brings.
 */
public final class Queue {
  private static final Logger LOG = LoggerFactory.getLogger(Queue.class);
  private static final int MOST_RUNNING = 200;

  /** Parcels moved while the lock is held. */
  private static final int MOST_AT_ONCE = 1000;

  /** A sleep is never longer, since a wall clock may be set forward. */
  private static final long LONGEST_SLEEP_MILLIS = 10_000;

  private final CurrentConfig config;
  private final Spool spool;
  private final Clock clock;
  private final Ledger ledger;
  private final Work work;
  private final Overdue overdue;
  private final QueueTools tools;
  private volatile @Nullable Thread scheduler;

  /** Attempts start as messages come; before, only {@link #startDue} starts any. */
  private volatile boolean automatic;

  private final Arrivals arrivals;
  private final Departures departures;

  /**
   * @param destinations where a recipient's mail goes now
   * @param threads what attempts run on
   */
  public Queue(
      CurrentConfig config,
      Spool spool,
      Delivery delivery,
      Destinations destinations,
      Clock clock,
      MeterRegistry metrics,
      Executor threads) {
    this.config = config;
    this.spool = spool;
    this.clock = clock;
    SecureRandom random = new SecureRandom();
    Backlog backlog = new Backlog(MOST_RUNNING, Terms.of(config.get()), random);
    this.ledger = new Ledger(backlog, destinations, clock::millis);
    QueueMetrics counters = new QueueMetrics(metrics);
    Attempts attempts = new Attempts(config, spool, delivery, clock, counters);
    Notices notices = new Notices(config, spool, clock);
    Settlement settlement = new Settlement(config, spool, notices, ledger);
    this.work =
        new Work(
            config,
            spool,
            ledger,
            attempts,
            settlement,
            new RetrySchedule(random),
            threads,
            this::enqueue);
    this.overdue = new Overdue(config, ledger, attempts, settlement, work, threads);
    this.arrivals = new Arrivals(ledger, spool);
    this.departures = new Departures(ledger, spool, work);
    this.tools =
        new QueueTools(ledger, spool, new Commands(ledger, spool, settlement, attempts, work));
    tools.register(metrics);
    Gauge.builder("bridgehead.queue.oldest", this, Queue::oldestSeconds)
        .description("Age of the oldest message in the queue")
        .baseUnit("seconds")
        .register(metrics);
  }

  /** Starts attempts: of what {@link #recover} found, and of what comes. */
  public void start() {
    automatic = true;
    scheduler = Thread.ofPlatform().name("queue").daemon().start(this::schedule);
  }

  /** False where nothing would ever be delivered again: the process had better be restarted. */
  public boolean alive() {
    Thread thread = scheduler;
    return thread == null || thread.isAlive();
  }

  /** What a postmaster can do. */
  public QueueTools tools() {
    return tools;
  }

  /** What was taken over from other relays. */
  public Arrivals arrivals() {
    return arrivals;
  }

  /** What other relays are to take over. */
  public Departures departures() {
    return departures;
  }

  /** Takes over what the spool holds; no attempt is made before {@link #start}. */
  public void recover() {
    recover(null);
  }

  /**
   * The same, but nothing may be done yet with what is found.
   *
   * @param inDoubt why all of it is in the hands of {@link #departures} at first; null: it is not
   */
  public void recover(@Nullable String inDoubt) {
    config.onChange(this::configChanged);
    try {
      spool.recover(stored -> enqueue(stored, inDoubt));
    } catch (IOException e) {
      throw new UncheckedIOException("the spool can't be read: " + e.getMessage(), e);
    }
  }

  /** Takes a message that is in the spool. */
  public void enqueue(StoredMessage stored) {
    enqueue(stored, null);
  }

  private void enqueue(StoredMessage stored, @Nullable String inDoubt) {
    boolean postmaster = postmaster(config.get());
    Duration longest = RetrySchedule.longest(config.get().retry());
    work.begin(
        ledger.locked(
            () -> {
              ledger.admit(stored, postmaster, longest);
              if (inDoubt != null) {
                departures.seize(stored.id(), inDoubt);
              }
              return automatic ? work.startable() : List.of();
            }));
  }

  /** Messages in the queue, held ones included. */
  public int queued() {
    return ledger.locked(() -> ledger.messages().size());
  }

  /** When the oldest message arrived. */
  public Optional<Instant> oldest() {
    return ledger.locked(
        () ->
            Optional.ofNullable(ledger.messages().firstEntry())
                .map(entry -> entry.getValue().arrivedAt()));
  }

  private double oldestSeconds() {
    return oldest()
        .map(arrived -> Duration.between(arrived, clock.instant()).toMillis() / 1000.0)
        .orElse(0.0);
  }

  /** Starts no further attempt, and waits for those under way, at most so long. */
  public void stop(Duration most) throws InterruptedException {
    ledger.stop(most.toNanos());
  }

  private void schedule() {
    try {
      do {
        startDue();
      } while (ledger.sleep(LONGEST_SLEEP_MILLIS));
    } catch (InterruptedException e) {
      LOG.warn("the queue's scheduler was interrupted, and ends");
    }
  }

  /** Does all that time has brought: starts every attempt that may start now. */
  void startDue() {
    work.begin(
        ledger.locked(
            () -> {
              ledger.backlog().advance(ledger.now());
              return work.startable();
            }));
    overdue.look();
  }

  /** Another next hop, or other terms with it: what was put off may move now. */
  private void configChanged(RelayConfig before, RelayConfig now) {
    boolean release = postmaster(now) && !now.access().equals(before.access());
    boolean move =
        !before.routes().equals(now.routes()) || !before.outgoing().equals(now.outgoing());
    ledger.locking(
        () -> {
          ledger.backlog().terms(Terms.of(now), ledger.now());
          ledger.delays().again();
          if (release || move) {
            ledger.countChange();
          }
        });
    if (release) {
      ledger.locking(this::releaseHeld);
    }
    if (move) {
      moveAll();
    }
    if (automatic) {
      startDue();
    }
  }

  private void releaseHeld() {
    long now = ledger.now();
    for (Parcel parcel : List.copyOf(ledger.backlog().held())) {
      if (parcel.hold() == MessageState.Hold.NO_ADDRESSEE) {
        ledger.backlog().take(parcel, now);
        parcel.hold(MessageState.Hold.NONE);
        parcel.due(now);
        ledger.backlog().put(parcel, now);
      }
    }
  }

  /** Everything that waits is due now; where it goes is seen when its turn comes. */
  private void moveAll() {
    long changed = clock.millis();
    ledger.destinations().forgetDeadHosts();
    ledger.locking(
        () -> {
          for (Lane lane : List.copyOf(ledger.backlog().lanes())) {
            ledger.backlog().forgive(lane, changed);
          }
        });
    List<Parcel> waiting = ledger.locked(() -> ledger.backlog().waiting());
    for (int from = 0; from < waiting.size(); from += MOST_AT_ONCE) {
      List<Parcel> some = waiting.subList(from, Math.min(from + MOST_AT_ONCE, waiting.size()));
      ledger.locking(() -> some.forEach(parcel -> move(parcel, changed)));
    }
  }

  private void move(Parcel parcel, long now) {
    if (parcel.state() == Parcel.State.WAITING) {
      ledger.backlog().take(parcel, now);
      parcel.due(now);
      ledger.backlog().put(parcel, now);
    }
  }

  private static boolean postmaster(RelayConfig config) {
    return config.access().postmaster() != null;
  }
}
