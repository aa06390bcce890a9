package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a command on one message: wholly, or not at all. Runs on the caller's thread. */
final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  private static final Outcome RETURNED =
      new Outcome.Failed(
          new Diagnostic(
              Reason.LOCAL,
              new EnhancedStatus(5, 0, 0),
              "returned by the postmaster of this server",
              null,
              null));

  private final Ledger ledger;
  private final Spool spool;
  private final Settlement settlement;
  private final Attempts attempts;
  private final Work work;

  Commands(Ledger ledger, Spool spool, Settlement settlement, Attempts attempts, Work work) {
    this.ledger = ledger;
    this.spool = spool;
    this.settlement = settlement;
    this.attempts = attempts;
    this.work = work;
  }

  /** What became of a command for one message. */
  enum Done {
    DONE,
    /** It is being delivered right now. */
    ACTIVE,
    /** It is not in the queue, or nothing in it is what the command is for. */
    NOTHING,
    /** It could not be carried out: the disk failed, or there is nobody to return it to. */
    FAILED,
    /** The same of some of its groups; the others are done. */
    PARTLY,
    /** This relay is stopping; all is as it was. */
    STOPPING
  }

  /**
   * Groups of one message that were selected.
   *
   * @param groups their recipients, as indexes into the envelope's
   * @param standing how they must still stand; null where that was not asked for
   */
  record Chosen(Set<List<Integer>> groups, @Nullable Standing standing) {
    boolean contains(Parcel parcel, long now) {
      return groups.contains(parcel.recipients())
          // One that is attempted by now was selected too: that it is left alone must be said.
          && (standing == null
              || parcel.state() == Parcel.State.ACTIVE
              || standing == QueueEntry.standing(parcel, now));
    }
  }

  /**
   * @param chosen those of its groups that are meant; null is all
   */
  Done carryOut(Command command, QueueId id, @Nullable Chosen chosen) {
    Taken taken = ledger.locked(() -> take(command, id, chosen));
    if (taken.parcels.isEmpty()) {
      return taken.why;
    }
    QueuedMessage message = taken.parcels.getFirst().message();
    // A bounce that breaks off may have settled some of them.
    Settlement.Settled settled =
        new Settlement.Settled(List.of(), taken.parcels, command != Command.BOUNCE);
    try {
      if (command == Command.BOUNCE) {
        long open = open(taken.parcels);
        Bounced bounced = bounce(message, taken.parcels);
        settled = bounced.settled;
        return bounced.left == 0 ? Done.DONE : bounced.left < open ? Done.PARTLY : Done.FAILED;
      }
      synchronized (message) {
        change(command, message, taken.parcels);
      }
      return Done.DONE;
    } catch (IOException e) {
      LOG.error("{}: the command can't be carried out: {}", id, e.toString());
      return Done.FAILED;
    } finally {
      work.handBack(message, settled);
      ledger.locking(() -> ledger.errands(-1));
    }
  }

  /** Recipients for whom something is still to be done. */
  private long open(List<Parcel> parcels) {
    return ledger.locked(() -> parcels.stream().mapToLong(it -> it.recipients().size()).sum());
  }

  /** Nothing is held against the hosts of a message's groups any longer. */
  void forgive(QueueId id) {
    ledger.locking(
        () -> {
          QueuedMessage message = ledger.messages().get(id);
          if (message != null) {
            message.parcels().forEach(each -> ledger.backlog().forgive(each.lane(), ledger.now()));
          }
        });
  }

  /** The same of some destinations' hosts, by their names; what waits for them may start. */
  void forgiveAll(Set<String> destinations) {
    work.begin(
        ledger.locked(
            () -> {
              for (Lane lane : List.copyOf(ledger.backlog().lanes())) {
                if (destinations.contains(OutcomeLog.name(lane.destination()))) {
                  ledger.backlog().forgive(lane, ledger.now());
                }
              }
              return work.startable();
            }));
  }

  /**
   * What came of a bounce.
   *
   * @param left recipients who are not given up on disk
   */
  private record Bounced(Settlement.Settled settled, long left) {}

  private Bounced bounce(QueuedMessage message, List<Parcel> parcels) throws IOException {
    Envelope envelope = work.envelope(message);
    List<StoredMessage> notices = new ArrayList<>();
    List<Parcel> all = new ArrayList<>();
    boolean recorded = true;
    long left = 0;
    long unwritten = 0;
    for (Parcel parcel : parcels) {
      List<Integer> recipients = ledger.locked(parcel::recipients);
      List<Outcome> outcomes = Collections.nCopies(recipients.size(), RETURNED);
      // It stays held, also on disk, where its sender can't be told.
      Settlement.Settled settled =
          settlement.settle(parcel, envelope, recipients, outcomes, false, parcel.due());
      List<Integer> open = ledger.locked(settled::open);
      List<Integer> gone = recipients.stream().filter(each -> !open.contains(each)).toList();
      attempts.report(parcel, envelope, gone, outcomes.subList(0, gone.size()), List.of());
      left += open.size();
      unwritten = settled.recorded() ? 0 : unwritten + gone.size(); // each write is of all of it
      notices.addAll(settled.notices());
      all.addAll(settled.parcels());
      recorded = settled.recorded();
    }
    return new Bounced(new Settlement.Settled(notices, all, recorded), left + unwritten);
  }

  /** Writes down first what will be so, and then lets it be so. With the message's monitor. */
  private void change(Command command, QueuedMessage message, List<Parcel> parcels)
      throws IOException {
    switch (command) {
      case REMOVE -> {
        spool.record(message.id(), ledger.locked(() -> message.stateWithout(parcels)));
        ledger.locking(() -> parcels.forEach(each -> each.settle(Set.copyOf(each.recipients()))));
        if (ledger.locked(message::state).done()) {
          message.gone();
        }
        LOG.info("{}: removed by hand; nobody is told", message.id());
      }
      case HOLD -> hold(message, parcels, MessageState.Hold.BY_HAND);
      case RELEASE -> {
        due(parcels);
        hold(message, parcels, MessageState.Hold.NONE);
        ledger.locking(() -> ledger.delays().arrived(message.id(), ledger.messages()));
      }
      // Not written: a restart tries it when it was due before, and a million need no records.
      case FLUSH -> due(parcels);
      case BOUNCE -> throw new IllegalArgumentException("that is told, not only written");
    }
  }

  private void hold(QueuedMessage message, List<Parcel> parcels, MessageState.Hold hold)
      throws IOException {
    List<MessageState.Hold> before = parcels.stream().map(Parcel::hold).toList();
    ledger.locking(() -> parcels.forEach(each -> each.hold(hold)));
    try {
      spool.record(message.id(), ledger.locked(message::state));
    } catch (IOException e) {
      ledger.locking(
          () -> {
            for (int i = 0; i < parcels.size(); i++) {
              parcels.get(i).hold(before.get(i));
            }
          });
      throw e;
    }
  }

  private void due(List<Parcel> parcels) {
    ledger.locking(
        () -> {
          long now = ledger.now();
          parcels.forEach(each -> each.due(Math.min(each.due(), now)));
        });
  }

  /** Parcels in the hands of the command, or why there are none. */
  private record Taken(List<Parcel> parcels, Done why) {}

  private Taken take(Command command, QueueId id, @Nullable Chosen chosen) {
    QueuedMessage message = ledger.messages().get(id);
    if (!ledger.mayStart()) {
      return new Taken(List.of(), Done.STOPPING);
    }
    if (message == null) {
      return new Taken(List.of(), Done.NOTHING);
    }
    long now = ledger.now();
    List<Parcel> meant =
        message.parcels().stream()
            .filter(parcel -> !parcel.isEmpty())
            .filter(parcel -> chosen == null || chosen.contains(parcel, now))
            .filter(parcel -> meant(command, parcel))
            .toList();
    if (meant.stream().anyMatch(parcel -> parcel.state() == Parcel.State.ACTIVE)) {
      if (command != Command.FLUSH) {
        return new Taken(List.of(), Done.ACTIVE);
      }
      meant = meant.stream().filter(each -> each.state() != Parcel.State.ACTIVE).toList();
      if (meant.isEmpty()) { // it is being tried, as was asked for
        return new Taken(List.of(), Done.DONE);
      }
    }
    meant.forEach(parcel -> ledger.backlog().take(parcel, now));
    if (!meant.isEmpty()) {
      ledger.errands(1);
    }
    return new Taken(meant, Done.NOTHING);
  }

  private static boolean meant(Command command, Parcel parcel) {
    return switch (command) {
      case RELEASE -> parcel.held();
      case HOLD, FLUSH -> !parcel.held();
      case REMOVE, BOUNCE -> true;
    };
  }
}
