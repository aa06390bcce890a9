package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages that another relay is to take over. One that is in hand here is neither attempted nor
 * open to commands, until it is put back or gone. Any thread.
 */
public final class Departures {
  /** Messages looked at while the lock is held. */
  private static final int MOST_AT_ONCE = 1000;

  private final Ledger ledger;
  private final Spool spool;
  private final Work work;

  /** Guarded by the queue's lock. */
  private final Map<QueueId, Hand> inHand = new HashMap<>();

  /** Of those, whose parcels say why. Guarded by the queue's lock. */
  private final Set<QueueId> explained = new HashSet<>();

  /**
   * What is in hand of one message.
   *
   * @param changes of the configuration seen when it was taken
   */
  private record Hand(List<Parcel> parcels, long changes) {}

  Departures(Ledger ledger, Spool spool, Work work) {
    this.ledger = ledger;
    this.spool = spool;
    this.work = work;
  }

  /**
   * A message as it is to leave.
   *
   * @param size octets of its content
   */
  public record Leaving(QueueId id, Envelope envelope, long size, MessageState state) {}

  /**
   * What a walk came upon.
   *
   * @param passed the last message looked at; null where there is none behind
   * @param taken whether that one is in hand now
   */
  public record Step(@Nullable QueueId passed, boolean taken) {}

  /** Takes the next message behind one in hand that nobody else has in hands. */
  public Step next(@Nullable QueueId after) {
    return ledger.locked(
        () -> {
          NavigableMap<QueueId, QueuedMessage> rest =
              after == null ? ledger.messages() : ledger.messages().tailMap(after, false);
          QueueId passed = null;
          int looked = 0;
          for (QueuedMessage message : rest.values()) {
            passed = message.id();
            if (free(message)) {
              List<Parcel> unused = take(message);
              return new Step(passed, true);
            }
            if (++looked == MOST_AT_ONCE) {
              break;
            }
          }
          return new Step(passed, false);
        });
  }

  private static boolean free(QueuedMessage message) {
    List<Parcel> parcels = message.parcels();
    return parcels.stream().anyMatch(each -> !each.isEmpty())
        && parcels.stream().noneMatch(each -> each.state() == Parcel.State.ACTIVE);
  }

  /** With the lock. */
  private List<Parcel> take(QueuedMessage message) {
    List<Parcel> parcels = message.parcels();
    long now = ledger.now();
    parcels.forEach(each -> ledger.backlog().take(each, now));
    inHand.put(message.id(), new Hand(parcels, ledger.changes()));
    return parcels;
  }

  /** Takes one that has just come in, before anything can happen to it. With the lock. */
  void seize(QueueId id, String why) {
    QueuedMessage message = ledger.messages().get(id);
    if (message != null && free(message)) {
      List<Parcel> unused = take(message);
      reason(id, why);
    }
  }

  private void reason(QueueId id, String why) {
    Diagnostic local = new Diagnostic(Reason.LOCAL, new EnhancedStatus(4, 3, 0), why, null, null);
    explained.add(id);
    Hand hand = inHand.get(id);
    if (hand != null) {
      hand.parcels.forEach(each -> ledger.reasons().set(each, local));
    }
  }

  /** Out of hand. With the lock. */
  private @Nullable Hand release(QueueId id) {
    Hand hand = inHand.remove(id);
    if (explained.remove(id) && hand != null) {
      hand.parcels.forEach(each -> ledger.reasons().set(each, null));
    }
    return hand;
  }

  /** Says why a message stays in hand. */
  public void explain(QueueId id, String why) {
    ledger.locking(() -> reason(id, why));
  }

  /** All that is in hand. */
  public List<QueueId> inHand() {
    return ledger.locked(() -> List.copyOf(inHand.keySet()));
  }

  /**
   * Reads what is to be known of a message in hand.
   *
   * @throws IOException where the disk fails
   */
  public Leaving read(QueueId id) throws IOException {
    QueuedMessage message =
        ledger
            .locked(() -> Optional.ofNullable(ledger.messages().get(id)))
            .orElseThrow(() -> new IOException("no message " + id + " in the queue"));
    Envelope envelope = work.envelope(message);
    MessageState state = ledger.locked(message::state);
    return new Leaving(id, envelope, message.size(), state);
  }

  /** Its content; the caller closes it. */
  public InputStream content(QueueId id) throws IOException {
    return spool.content(id);
  }

  /** It stays: what becomes of it is the queue's again. Nothing happens where it is not in hand. */
  public void putBack(QueueId id) {
    Hand hand = ledger.locked(() -> release(id));
    if (hand != null && !hand.parcels.isEmpty()) {
      work.handBack(hand.parcels.getFirst().message(), hand.parcels, hand.changes);
    }
  }

  /** What became of a message that another relay has. */
  public enum Gone {
    /** It was in the queue, and is not any more; the kernel knows. */
    NOW,
    /** It is not in the queue. */
    BEFORE,
    /** It is in other hands, and stays. */
    NOT_YET
  }

  /**
   * Another relay has it on disk: it leaves this queue without a word.
   *
   * @throws IOException where that can't be written; it stays in hand
   */
  public Gone gone(QueueId id) throws IOException {
    List<Parcel> parcels = ledger.locked(() -> taken(id));
    if (parcels == null) {
      return Gone.NOT_YET;
    }
    if (parcels.isEmpty()) {
      return Gone.BEFORE;
    }
    QueuedMessage message = parcels.getFirst().message();
    synchronized (message) {
      MessageState after = ledger.locked(() -> message.stateWithout(parcels));
      spool.record(id, after);
      if (after.done()) {
        message.gone();
      }
    }
    ledger.locking(
        () -> {
          Hand unused = release(id);
          parcels.forEach(each -> each.settle(Set.copyOf(each.recipients())));
        });
    work.handBack(message, new Settlement.Settled(List.of(), parcels, true));
    return Gone.NOW;
  }

  /** In hand now; empty where there is none of that name, null where others have it. */
  private @Nullable List<Parcel> taken(QueueId id) {
    Hand had = inHand.get(id);
    if (had != null) {
      return had.parcels;
    }
    QueuedMessage message = ledger.messages().get(id);
    if (message == null) {
      return List.of();
    }
    if (!free(message)) {
      return null;
    }
    return take(message);
  }

  /** Returns once it is on disk what is {@link #gone}. */
  public void sync() throws IOException {
    spool.sync();
  }
}
