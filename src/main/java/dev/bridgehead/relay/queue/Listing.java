package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.Spool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Walks through the queue, the oldest first, a few hundred messages at a time. */
final class Listing {
  private static final int MOST_AT_ONCE = 500;
  private static final int MOST_COUNTED_AT_ONCE = 2000;

  private final Ledger ledger;
  private final Spool spool;

  Listing(Ledger ledger, Spool spool) {
    this.ledger = ledger;
    this.spool = spool;
  }

  /** Hands over every entry that was selected without its envelope. */
  void each(Selection selection, Consumer<QueueEntry> taker) {
    QueueId passed = null;
    List<QueueEntry> some = new ArrayList<>();
    do {
      QueueId from = passed;
      some.clear();
      passed = ledger.locked(() -> some(from, selection, some));
      some.forEach(taker);
    } while (passed != null);
  }

  private @Nullable QueueId some(
      @Nullable QueueId after, Selection selection, List<QueueEntry> into) {
    NavigableMap<QueueId, QueuedMessage> rest =
        after == null ? ledger.messages() : ledger.messages().tailMap(after, false);
    long now = ledger.now();
    QueueId last = null;
    int looked = 0;
    for (QueuedMessage message : rest.values()) {
      for (Parcel parcel : message.parcels()) {
        QueueEntry entry = parcel.isEmpty() ? null : QueueEntry.of(parcel, now);
        if (entry != null && selection.matches(entry)) {
          into.add(entry);
        }
      }
      last = message.id();
      if (++looked == MOST_AT_ONCE) {
        return last;
      }
    }
    return null;
  }

  /** Counts all messages. */
  Totals totals() {
    Totals totals = new Totals();
    QueueId passed = null;
    do {
      QueueId from = passed;
      passed = ledger.locked(() -> countSome(from, totals));
    } while (passed != null);
    return totals;
  }

  private @Nullable QueueId countSome(@Nullable QueueId after, Totals totals) {
    NavigableMap<QueueId, QueuedMessage> rest =
        after == null ? ledger.messages() : ledger.messages().tailMap(after, false);
    long now = ledger.now();
    int looked = 0;
    for (QueuedMessage message : rest.values()) {
      totals.add(message, now);
      if (++looked == MOST_COUNTED_AT_ONCE) {
        return message.id();
      }
    }
    return null;
  }

  /** All entries of one message. */
  List<QueueEntry> of(QueueId id) {
    return ledger.locked(
        () -> {
          QueuedMessage message = ledger.messages().get(id);
          long now = ledger.now();
          return message == null
              ? List.of()
              : message.parcels().stream()
                  .filter(parcel -> !parcel.isEmpty())
                  .map(parcel -> QueueEntry.of(parcel, now))
                  .toList();
        });
  }

  /** Empty where it has just left the queue, or the disk fails. */
  Optional<Envelope> envelope(QueueId id) {
    try {
      return Optional.of(spool.envelope(id));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
