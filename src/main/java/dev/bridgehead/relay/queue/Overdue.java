package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be told of messages that are not being attempted: that it takes longer, and that their
 * time is over while their host does not answer. A few threads at a time, apart from attempts: a
 * million such messages must not keep others waiting.
 */
final class Overdue {
  private static final Logger LOG = LoggerFactory.getLogger(Overdue.class);
  private static final int MOST_THREADS = 4;

  private final CurrentConfig config;
  private final Ledger ledger;
  private final Attempts attempts;
  private final Settlement settlement;
  private final Work work;
  private final Executor threads;
  private int working;

  Overdue(
      CurrentConfig config,
      Ledger ledger,
      Attempts attempts,
      Settlement settlement,
      Work work,
      Executor threads) {
    this.config = config;
    this.ledger = ledger;
    this.attempts = attempts;
    this.settlement = settlement;
    this.work = work;
    this.threads = threads;
  }

  /** Something to be told, in the hands of the thread that tells it. */
  private record Errand(QueuedMessage message, List<Parcel> parcels, boolean expired) {}

  /** Starts telling where there is something to tell. Called by the scheduler as time passes. */
  void look() {
    Errand errand = next(true);
    while (errand != null) {
      Errand first = errand;
      threads.execute(() -> tellAll(first));
      errand = next(true);
    }
  }

  private void tellAll(Errand first) {
    Errand errand = first;
    while (errand != null) {
      tell(errand);
      errand = next(false);
    }
  }

  /**
   * @param another thread would begin with it; else the caller goes on, or ends
   */
  private @Nullable Errand next(boolean another) {
    Look look;
    do {
      look = ledger.locked(() -> look(another));
    } while (look.again);
    return look.errand;
  }

  /**
   * One look at the ledger, no longer than the lock may be held.
   *
   * @param again there may be something further on
   */
  private record Look(@Nullable Errand errand, boolean again) {}

  private Look look(boolean another) {
    int mine = another ? 0 : 1;
    boolean room = working - mine < MOST_THREADS && ledger.mayStart();
    Look look = room ? find() : new Look(null, false);
    if (!look.again) {
      int more = (look.errand == null ? 0 : 1) - mine;
      working += more;
      ledger.errands(more);
    }
    return look;
  }

  private Look find() {
    long now = ledger.now();
    Parcel expired = ledger.backlog().expired(now);
    if (expired != null) {
      return new Look(new Errand(expired.message(), List.of(expired), true), false);
    }
    long after = config.get().retry().delayNotificationAfter().toMillis();
    DelayWatch.Found found = ledger.delays().next(ledger.messages(), now - after);
    QueuedMessage message = found.message();
    if (message == null) {
      return new Look(null, found.more());
    }
    List<Parcel> untold = message.parcels().stream().filter(DelayWatch::untold).toList();
    untold.forEach(parcel -> ledger.backlog().take(parcel, now));
    return new Look(new Errand(message, untold, false), false);
  }

  private void tell(Errand errand) {
    Settlement.Settled settled = new Settlement.Settled(List.of(), errand.parcels(), true);
    long again = ledger.now() + config.get().retry().intervals().getFirst().toMillis();
    try {
      Envelope envelope = work.envelope(errand.message());
      if (errand.expired()) {
        Parcel parcel = errand.parcels().getFirst();
        List<Integer> recipients = ledger.locked(parcel::recipients);
        List<Outcome> outcomes = attempts.givenUp(parcel, envelope, recipients);
        settled = settlement.settle(parcel, envelope, recipients, outcomes, false, again);
        List<Integer> open = ledger.locked(settled::open);
        attempts.report(parcel, envelope, recipients, outcomes, open);
      } else {
        List<StoredMessage> told =
            settlement.tellDelay(errand.message(), errand.parcels(), envelope);
        settled = new Settlement.Settled(told, errand.parcels(), true);
      }
    } catch (IOException e) {
      LOG.error(
          "{} can't be read, so that nobody is told: {}", errand.message().id(), e.toString());
      errand.parcels().forEach(parcel -> ledger.locking(() -> parcel.due(again)));
    } catch (RuntimeException
        | Error e) { // a defect of ours must not lose mail, nor stop the others'
      LOG.error("{}: telling its sender broke off", errand.message().id(), e);
      settled = new Settlement.Settled(List.of(), errand.parcels(), false);
      errand.parcels().forEach(parcel -> ledger.locking(() -> parcel.due(again)));
    }
    work.handBack(errand.message(), settled);
  }
}
