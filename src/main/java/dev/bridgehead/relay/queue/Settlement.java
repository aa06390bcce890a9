package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.bounce.Concerned;
import dev.bridgehead.relay.bounce.NoticeKind;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig.Retry;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns outcomes into what is on disk: who has the message, who is told, what is left. Each notice
 * is stored with the state it makes true. Runs on attempts' threads, which hold the parcel.
 */
final class Settlement {
  private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

  private final CurrentConfig config;
  private final Spool spool;
  private final Notices notices;
  private final Ledger ledger;

  Settlement(CurrentConfig config, Spool spool, Notices notices, Ledger ledger) {
    this.config = config;
    this.spool = spool;
    this.notices = notices;
    this.ledger = ledger;
  }

  /**
   * What was done.
   *
   * @param notices to be queued
   * @param parcels that the caller has in its hands now: the one it had, and what was split from it
   * @param recorded false: the disk does not know it yet
   */
  record Settled(List<StoredMessage> notices, List<Parcel> parcels, boolean recorded) {
    /** Recipients for whom something is still to be done, also those held. With the lock. */
    List<Integer> open() {
      return parcels.stream().flatMap(parcel -> parcel.recipients().stream()).toList();
    }
  }

  /**
   * What notices are about.
   *
   * @param attempted whether they tell of an attempt
   * @param told takes the notices, which are to be queued
   */
  private record Matter(
      Parcel parcel, Envelope envelope, boolean attempted, List<StoredMessage> told) {
    QueuedMessage message() {
      return parcel.message();
    }
  }

  /** What the ledger holds once the outcomes are in it, but for those who must be told first. */
  private record Applied(Sorted sorted, MessageState state) {}

  /** One parcel's outcomes, sorted by what is to be done for them. */
  private static final class Sorted {
    final Set<Integer> settled = new HashSet<>();
    final List<Concerned> relayed = new ArrayList<>();
    final List<Concerned> failed = new ArrayList<>();
    final List<Concerned> deferred = new ArrayList<>();
    @Nullable Diagnostic why;
    int silent;

    Sorted(
        Envelope envelope, List<Integer> open, List<Integer> recipients, List<Outcome> outcomes) {
      for (int i = 0; i < outcomes.size(); i++) {
        int recipient = recipients.get(i);
        Concerned each = new Concerned(recipient, outcomes.get(i));
        switch (each.outcome()) {
          case Outcome.Delivered _ -> {
            if (open.contains(recipient) && owed(envelope, each)) {
              relayed.add(each);
            } else {
              settled.add(recipient);
            }
          }
          // Who was delivered early stays so, whatever an attempt that broke off says at its end.
          case Outcome.Deferred(Diagnostic late) when open.contains(recipient) -> {
            why = late;
            deferred.add(each);
          }
          case Outcome.Failed(Diagnostic last) when open.contains(recipient) -> {
            why = last;
            if (NoticeKind.FAILED.wanted(envelope, recipient)) {
              failed.add(each);
            } else {
              silent++;
              settled.add(recipient);
            }
          }
          case Outcome.Deferred _, Outcome.Failed _ -> {}
        }
      }
    }
  }

  /**
   * Settles what came of an attempt.
   *
   * @param recipients those attempted, as indexes into the envelope's
   * @param outcomes one for each
   * @param attempted whether it counts as an attempt
   * @param nextDue when those still open are due again
   */
  Settled settle(
      Parcel parcel,
      Envelope envelope,
      List<Integer> recipients,
      List<Outcome> outcomes,
      boolean attempted,
      long nextDue) {
    QueuedMessage message = parcel.message();
    Matter matter = new Matter(parcel, envelope, attempted, new ArrayList<>(0));
    List<Parcel> parcels = new ArrayList<>(List.of(parcel));
    synchronized (message) {
      Applied applied =
          ledger.locked(
              () -> {
                Sorted sorted = new Sorted(envelope, parcel.recipients(), recipients, outcomes);
                if (attempted) {
                  parcel.attempted(nextDue);
                } else {
                  parcel.due(nextDue);
                }
                parcel.settle(sorted.settled);
                ledger.reasons().set(parcel, sorted.why);
                return new Applied(sorted, message.state());
              });
      Sorted sorted = applied.sorted;
      if (sorted.silent > 0) {
        LOG.info("{}: nobody is told of a failure, as was asked for", message.id());
      }
      boolean recorded = relayed(matter, sorted.relayed);
      if (!sorted.failed.isEmpty()) {
        recorded = failed(matter, sorted.failed, parcels);
      }
      if (!sorted.deferred.isEmpty() && tellDelay(matter, sorted.deferred)) {
        recorded = true;
      }
      boolean asApplied = sorted.relayed.isEmpty() && sorted.failed.isEmpty();
      MessageState state =
          asApplied && !parcel.delayTold() ? applied.state : ledger.locked(message::state);
      return new Settled(matter.told, parcels, recorded || record(message, state));
    }
  }

  /** Whether the state on disk is that of memory now. */
  private boolean relayed(Matter matter, List<Concerned> relayed) {
    if (relayed.isEmpty()) {
      return false;
    }
    Set<Integer> settled = indexes(relayed);
    try {
      return store(NoticeKind.RELAYED, matter, relayed, settled) != null;
    } finally {
      ledger.locking(() -> matter.parcel.settle(settled)); // delivered, whoever can be told
    }
  }

  private boolean failed(Matter matter, List<Concerned> failed, List<Parcel> parcels) {
    Parcel parcel = matter.parcel;
    Set<Integer> settled = indexes(failed);
    Optional<StoredMessage> notice = store(NoticeKind.FAILED, matter, failed, settled);
    if (notice == null) { // stays deferred
      return false;
    }
    if (notice.isEmpty()) {
      LOG.warn(
          "{}: held: it can't be delivered, has no return address, and no postmaster takes it",
          matter.message().id());
      ledger.locking(() -> parcels.add(split(parcel, settled)));
      return false;
    }
    ledger.locking(() -> parcel.settle(settled));
    return true;
  }

  /** Those who can neither be delivered nor returned, in a parcel of their own. */
  private Parcel split(Parcel parcel, Set<Integer> recipients) {
    MessageState.Group group = parcel.group(recipients.stream().sorted().toList());
    Parcel held =
        Parcel.of(
            parcel.message(),
            parcel.lane(),
            new MessageState.Group(
                group.recipients(),
                group.attempts(),
                group.due(),
                MessageState.Hold.NO_ADDRESSEE,
                group.delayTold()));
    ledger.backlog().adopt(held);
    ledger.reasons().share(parcel, held);
    parcel.settle(recipients);
    return held;
  }

  /**
   * Tells the sender that it takes longer, where it is time and was not done.
   *
   * @param deferred recipients of the parcel, each with its last outcome
   * @return whether the state on disk is that of memory now
   */
  private boolean tellDelay(Matter matter, List<Concerned> deferred) {
    Parcel parcel = matter.parcel;
    Retry retry = config.get().retry();
    long age = ledger.now() - parcel.message().arrived();
    if (parcel.delayTold()
        || age < retry.delayNotificationAfter().toMillis()
        || age >= retry.expireAfter().toMillis()) {
      return false;
    }
    List<Concerned> wanted =
        deferred.stream()
            .filter(each -> NoticeKind.DELAYED.wanted(matter.envelope, each.recipient()))
            .toList();
    ledger.locking(() -> parcel.delayTold(true)); // or there is nobody who wants to be told
    if (wanted.isEmpty()) {
      return false;
    }
    boolean stored = store(NoticeKind.DELAYED, matter, wanted, Set.of()) != null;
    ledger.locking(() -> parcel.delayTold(stored));
    return stored;
  }

  /** The same for parcels that wait, which the caller has in its hands. */
  List<StoredMessage> tellDelay(QueuedMessage message, List<Parcel> parcels, Envelope envelope) {
    List<StoredMessage> told = new ArrayList<>(0);
    synchronized (message) {
      for (Parcel parcel : parcels) {
        Outcome outcome = new Outcome.Deferred(known(parcel));
        List<Concerned> deferred =
            parcel.recipients().stream().map(each -> new Concerned(each, outcome)).toList();
        boolean unused = tellDelay(new Matter(parcel, envelope, false, told), deferred);
      }
    }
    return told;
  }

  private static Diagnostic known(Parcel parcel) {
    Diagnostic ofHost = parcel.lane().last();
    if (ofHost != null) {
      return ofHost;
    }
    Reasons.Entry reason = parcel.reason();
    return new Diagnostic(
        Reason.LOCAL,
        new EnhancedStatus(4, 0, 0),
        reason == null ? "not delivered yet" : reason.text(),
        null,
        null);
  }

  /**
   * Stores a notice and the state in which some recipients are settled.
   *
   * @return null where it can't be stored, empty where there is nobody to tell
   */
  private @Nullable Optional<StoredMessage> store(
      NoticeKind kind, Matter matter, List<Concerned> concerned, Set<Integer> settled) {
    QueuedMessage message = matter.message();
    MessageState state = ledger.locked(() -> message.state(matter.parcel, settled));
    try {
      Optional<StoredMessage> notice =
          notices.store(kind, message, matter.envelope, concerned, state, matter.attempted);
      notice.ifPresent(matter.told::add);
      if (notice.isPresent() && state.done()) {
        message.gone();
      }
      return notice;
    } catch (IOException e) {
      LOG.error(
          "{}: its sender can't be told now, since the notice can't be stored: {}",
          message.id(),
          e.toString());
      return null;
    }
  }

  /**
   * Writes down who has the message while its attempt goes on for others, and with it the notice to
   * a sender who is to hear of it: the attempt's end tells nobody again.
   *
   * @return notices to be queued
   */
  List<StoredMessage> early(Parcel parcel, Envelope envelope, List<Concerned> delivered) {
    QueuedMessage message = parcel.message();
    Matter matter = new Matter(parcel, envelope, true, new ArrayList<>(0));
    List<Concerned> relayed =
        delivered.stream()
            .filter(each -> owed(envelope, each))
            .sorted(Comparator.comparingInt(Concerned::recipient))
            .toList();
    Set<Integer> untold = indexes(delivered);
    untold.removeAll(indexes(relayed));
    synchronized (message) {
      if (!untold.isEmpty()) { // at once: a notice takes its time
        ledger.locking(() -> parcel.settle(untold));
        recordOpen(message);
      }
      if (!relayed.isEmpty() && !relayed(matter, relayed)) {
        recordOpen(message);
      }
    }
    return matter.told;
  }

  /** Where nobody is left, the attempt's end does it. */
  private void recordOpen(QueuedMessage message) {
    MessageState state = ledger.locked(message::state);
    if (!state.done()) {
      boolean unused = record(message, state);
    }
  }

  /** A notice of success is this server's to send: the next hop sends none. */
  private static boolean owed(Envelope envelope, Concerned each) {
    return each.outcome() instanceof Outcome.Delivered delivered
        && !delivered.reportsSuccess()
        && NoticeKind.RELAYED.wanted(envelope, each.recipient());
  }

  /** Writes a message's state; false where the disk fails. With the message's monitor. */
  boolean record(QueuedMessage message) {
    return record(message, ledger.locked(message::state));
  }

  private boolean record(QueuedMessage message, MessageState state) {
    if (message.isGone()) {
      return true;
    }
    try {
      spool.record(message.id(), state);
      if (state.done()) {
        message.gone();
      }
      return true;
    } catch (IOException e) {
      LOG.error(
          "{}: its outcome can't be written, and would be forgotten by a restart: {}",
          message.id(),
          e.toString());
      return false;
    }
  }

  private static Set<Integer> indexes(List<Concerned> some) {
    return some.stream().map(Concerned::recipient).collect(Collectors.toSet());
  }
}
