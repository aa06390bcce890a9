package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What was taken over from other relays, and is remembered until they say that they know it: a
 * relay that got no answer asks again. Any thread.
 */
public final class Arrivals {
  private final Ledger ledger;
  private final Spool spool;

  Arrivals(Ledger ledger, Spool spool) {
    this.ledger = ledger;
    this.spool = spool;
  }

  /** The name here of another relay's message. */
  public Optional<QueueId> known(UUID other, QueueId id) {
    return ledger.locked(
        () -> Optional.ofNullable(ledger.origins().find(other, id)).map(QueuedMessage::id));
  }

  /** All of another relay's, theirs to ours. It asks, so it is there. */
  public Map<QueueId, QueueId> askedBy(UUID other) {
    return ledger.locked(
        () -> {
          Map<QueueId, QueueId> names = new HashMap<>();
          ledger.origins().askedBy(other).forEach((theirs, ours) -> names.put(theirs, ours.id()));
          return names;
        });
  }

  /** How many are remembered of each other relay; none of one that has confirmed all of its. */
  public Map<UUID, Integer> unconfirmed() {
    return ledger.locked(() -> ledger.origins().counts());
  }

  /**
   * The other relay knows that it has handed these over, and never asks for them again. On disk
   * when this returns.
   */
  public void confirm(UUID other, Collection<QueueId> ids) throws IOException {
    for (QueueId id : ids) {
      Optional<QueuedMessage> message =
          ledger.locked(() -> Optional.ofNullable(ledger.origins().find(other, id)));
      if (message.isPresent()) {
        forget(message.get());
      }
    }
    spool.sync();
  }

  /**
   * Forgets that of which nothing but the answer is left, and whose relay is not there any more.
   *
   * @param silence so long none of its messages came, and it did not ask, while this process ran
   * @return how many
   */
  public int expire(Duration silence) throws IOException {
    List<QueuedMessage> old =
        ledger.locked(
            () ->
                ledger.origins().silentFor(silence).stream()
                    .filter(message -> message.parcels().isEmpty())
                    .toList());
    for (QueuedMessage message : old) {
      forget(message);
    }
    return old.size();
  }

  private void forget(QueuedMessage message) throws IOException {
    synchronized (message) {
      MessageState state = ledger.locked(() -> message.state().unconfirmed(false));
      if (ledger.locked(message::origin) == null) {
        return; // somebody else was faster
      }
      spool.record(message.id(), state);
      ledger.locking(
          () -> {
            Origin origin = message.origin();
            if (origin != null) {
              ledger.origins().remove(origin);
              message.confirmed();
            }
          });
      if (state.done()) {
        message.gone();
      }
    }
  }
}
