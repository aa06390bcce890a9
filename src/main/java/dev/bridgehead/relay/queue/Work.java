package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that make attempts: as many as may run at a time, each taking the next parcel itself
 * when it has finished one, so that a busy queue hands nothing from thread to thread.
 */
final class Work {
  private static final Logger LOG = LoggerFactory.getLogger(Work.class);
  private static final long RECORD_AGAIN_MILLIS = 60_000;

  private final CurrentConfig config;
  private final Spool spool;
  private final Ledger ledger;
  private final Attempts attempts;
  private final Settlement settlement;
  private final RetrySchedule schedule;
  private final Executor threads;
  private final Consumer<StoredMessage> notices;

  /**
   * @param notices queues a notice
   */
  Work(
      CurrentConfig config,
      Spool spool,
      Ledger ledger,
      Attempts attempts,
      Settlement settlement,
      RetrySchedule schedule,
      Executor threads,
      Consumer<StoredMessage> notices) {
    this.config = config;
    this.spool = spool;
    this.ledger = ledger;
    this.attempts = attempts;
    this.settlement = settlement;
    this.schedule = schedule;
    this.threads = threads;
    this.notices = notices;
  }

  /**
   * A parcel to attempt, which counts as running.
   *
   * @param recipients as they were then: indexes into the envelope's
   * @param kept the envelope where it is in memory
   * @param changes of the configuration seen then
   */
  record Start(Parcel parcel, List<Integer> recipients, @Nullable Envelope kept, long changes) {}

  /** All that may start now. With the lock. */
  List<Start> startable() {
    if (!ledger.mayStart()) {
      return List.of();
    }
    List<Start> starts = List.of();
    Parcel parcel = ledger.backlog().start(ledger.now());
    while (parcel != null) {
      starts = starts.isEmpty() ? new ArrayList<>(2) : starts;
      starts.add(
          new Start(parcel, parcel.recipients(), parcel.message().envelope(), ledger.changes()));
      parcel = ledger.backlog().start(ledger.now());
    }
    return starts;
  }

  /** Begins with each on a thread of its own. */
  void begin(List<Start> starts) {
    for (Start start : starts) {
      threads.execute(() -> work(start));
    }
  }

  private void work(Start first) {
    Start start = first;
    while (start != null) {
      List<Start> next = run(start);
      if (next.isEmpty()) {
        return;
      }
      begin(next.subList(1, next.size()));
      start = next.getFirst();
    }
  }

  /** Makes one attempt, and says what may start now that it has ended. */
  private List<Start> run(Start start) {
    Parcel parcel = start.parcel();
    QueuedMessage message = parcel.message();
    Ended ended = new Ended(untouched(parcel), Lane.Host.UNTRIED, null);
    try {
      ended = attempt(start);
    } catch (IOException e) {
      LOG.error("{} can't be read, and waits: {}", message.id(), e.toString());
      putOff(parcel, "its envelope can't be read: " + e.getMessage());
    } catch (RuntimeException | Error e) {
      // A defect of ours, or no memory, must not lose mail, nor take the room of others' for ever.
      LOG.error("{}: the attempt broke off", message.id(), e);
      ended = new Ended(unknown(parcel), Lane.Host.UNTRIED, null);
      putOff(parcel, "the attempt broke off inside this server");
    }
    queue(ended.settled.notices());
    Ended last = ended;
    List<Runnable> toLog = new ArrayList<>(0);
    List<Start> next =
        ledger.locked(
            () -> {
              boolean overtaken = start.changes() != ledger.changes();
              putDown(message, last.settled, overtaken);
              LaneLog.Before before = LaneLog.before(parcel.lane());
              boolean asked = last.host != Lane.Host.UNTRIED;
              Lane.Host host = overtaken && asked ? Lane.Host.OVERTAKEN : last.host;
              ledger.backlog().finished(parcel.lane(), host, last.why, ledger.now());
              before.changed(parcel.lane()).ifPresent(toLog::add);
              ledger.tell();
              return startable();
            });
    toLog.forEach(Runnable::run);
    return next;
  }

  /** The notices are in the spool: at worst, a restart queues them. */
  private void queue(List<StoredMessage> stored) {
    for (StoredMessage notice : stored) {
      try {
        notices.accept(notice);
      } catch (RuntimeException | Error e) {
        LOG.error("{}: this notice waits for a restart", notice.id(), e);
      }
    }
  }

  /** How an attempt ended: what is on disk, and how the host was found. */
  private record Ended(Settlement.Settled settled, Lane.Host host, @Nullable Diagnostic why) {}

  private static Settlement.Settled untouched(Parcel parcel) {
    return new Settlement.Settled(List.of(), List.of(parcel), true);
  }

  /** What of it is on disk is not known: it is written again. */
  static Settlement.Settled unknown(Parcel parcel) {
    return new Settlement.Settled(List.of(), List.of(parcel), false);
  }

  private Ended attempt(Start start) throws IOException {
    Parcel parcel = start.parcel();
    QueuedMessage message = parcel.message();
    if (start.recipients().isEmpty()) { // only its record is missing
      synchronized (message) {
        boolean recorded = settlement.record(message);
        return new Ended(
            new Settlement.Settled(List.of(), List.of(parcel), recorded), Lane.Host.UNTRIED, null);
      }
    }
    Envelope kept = start.kept();
    Envelope envelope = kept == null ? spool.envelope(message.id()) : kept;
    if (astray(parcel, envelope, start.recipients())) {
      List<Parcel> regrouped = ledger.locked(() -> regroup(parcel, envelope));
      return new Ended(new Settlement.Settled(List.of(), regrouped, true), Lane.Host.UNTRIED, null);
    }
    Attempts.Verdict verdict =
        attempts.run(
            parcel,
            envelope,
            start.recipients(),
            delivered -> queue(settlement.early(parcel, envelope, delivered)),
            ledger::stopping);
    long next = nextDue(message, parcel.attempts() + 1);
    Settlement.Settled settled =
        settlement.settle(parcel, envelope, start.recipients(), verdict.outcomes(), true, next);
    report(parcel, envelope, start.recipients(), verdict.outcomes(), settled);
    return new Ended(settled, verdict.host(), verdict.why());
  }

  /** Only tells: a fault in it must not undo what is settled. */
  private void report(
      Parcel parcel,
      Envelope envelope,
      List<Integer> recipients,
      List<Outcome> outcomes,
      Settlement.Settled settled) {
    try {
      List<Integer> open = ledger.locked(settled::open);
      attempts.report(parcel, envelope, recipients, outcomes, open);
    } catch (RuntimeException e) {
      LOG.error("{}: its outcome could not be logged", parcel.message().id(), e);
    }
  }

  private long nextDue(QueuedMessage message, int made) {
    Instant now = Instant.ofEpochMilli(ledger.now());
    return schedule.next(config.get().retry(), message.arrivedAt(), now, made).toEpochMilli();
  }

  private void putOff(Parcel parcel, String why) {
    Diagnostic local = new Diagnostic(Reason.LOCAL, new EnhancedStatus(4, 3, 0), why, null, null);
    ledger.locking(
        () -> {
          parcel.attempted(nextDue(parcel.message(), parcel.attempts() + 1));
          ledger.reasons().set(parcel, local);
        });
  }

  /** Another configuration sends some of them elsewhere. */
  private boolean astray(Parcel parcel, Envelope envelope, List<Integer> recipients) {
    Destination here = parcel.lane().destination();
    for (int recipient : recipients) {
      if (!ledger.destinations().of(envelope.recipients().get(recipient)).equals(here)) {
        return true;
      }
    }
    return false;
  }

  private List<Parcel> regroup(Parcel parcel, Envelope envelope) {
    QueuedMessage message = parcel.message();
    MessageState.Group group = parcel.group(parcel.recipients());
    message.remove(parcel);
    List<Parcel> regrouped = new ArrayList<>(ledger.parcels(message, group, envelope));
    regrouped.forEach(
        each -> {
          ledger.backlog().adopt(each);
          ledger.reasons().share(parcel, each);
        });
    parcel.settle(Set.copyOf(group.recipients()));
    message.add(parcel); // empty now, to be dropped with the others put down
    regrouped.add(parcel);
    return regrouped;
  }

  /** From memory where it was kept, else from the spool. */
  Envelope envelope(QueuedMessage message) throws IOException {
    Envelope kept = ledger.locked(message::envelope);
    return kept == null ? spool.envelope(message.id()) : kept;
  }

  /** Puts down what was in hand, queues the notices about it, and goes on. */
  void handBack(QueuedMessage message, Settlement.Settled settled) {
    queue(settled.notices());
    begin(
        ledger.locked(
            () -> {
              putDown(message, settled, false);
              return startable();
            }));
  }

  /**
   * The same of what nothing was done with.
   *
   * @param changes of the configuration seen when it was taken: what came since is made up for
   */
  void handBack(QueuedMessage message, List<Parcel> parcels, long changes) {
    begin(
        ledger.locked(
            () -> {
              Settlement.Settled unchanged = new Settlement.Settled(List.of(), parcels, true);
              putDown(message, unchanged, changes != ledger.changes());
              return startable();
            }));
  }

  /** With the lock. */
  private void putDown(QueuedMessage message, Settlement.Settled settled, boolean overtaken) {
    long now = ledger.now();
    if (!settled.recorded()) {
      Instant again = Instant.ofEpochMilli(now + RECORD_AGAIN_MILLIS);
      ledger.backlog().add(Parcel.ofNobody(message, ledger.backlog().ofNobody(), again), now);
    }
    boolean postmaster = config.get().access().postmaster() != null;
    for (Parcel parcel : settled.parcels()) {
      // Found, or made, on terms that are gone; but what a person holds only a person releases.
      boolean byHand = parcel.hold() == MessageState.Hold.BY_HAND;
      if (overtaken && !byHand && (!parcel.held() || postmaster)) {
        parcel.hold(MessageState.Hold.NONE);
        parcel.due(now);
      }
      ledger.putBack(parcel, now);
    }
    ledger.tidy(message);
  }
}
