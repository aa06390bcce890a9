package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Messages that were taken over and for which their relay may still ask: those in the queue, and
 * those of which nothing is left but the answer. Guarded by the queue's lock. How long a relay has
 * said nothing is told by time that passes evenly: no wall clock that is set forward makes anything
 * forgotten. A start counts from its own beginning.
 */
final class Origins {
  private final Map<UUID, Map<QueueId, QueuedMessage>> bySpool = new HashMap<>();

  /** When something of a relay was admitted, or it asked, last. */
  private final Map<UUID, Long> heard = new HashMap<>();

  private final LongSupplier nanos;

  /**
   * @param nanos from any origin; may overflow
   */
  Origins(LongSupplier nanos) {
    this.nanos = nanos;
  }

  void add(QueuedMessage message, Origin origin) {
    bySpool.computeIfAbsent(origin.spool(), _ -> new HashMap<>()).put(origin.id(), message);
    heard.put(origin.spool(), nanos.getAsLong());
  }

  void remove(Origin origin) {
    Map<QueueId, QueuedMessage> ofSpool = bySpool.get(origin.spool());
    if (ofSpool != null) {
      ofSpool.remove(origin.id());
      if (ofSpool.isEmpty()) {
        bySpool.remove(origin.spool());
        heard.remove(origin.spool());
      }
    }
  }

  @Nullable QueuedMessage find(UUID spool, QueueId id) {
    return bySpool.getOrDefault(spool, Map.of()).get(id);
  }

  /** All of a relay's, which asks for them. */
  Map<QueueId, QueuedMessage> askedBy(UUID spool) {
    heard.computeIfPresent(spool, (_, _) -> nanos.getAsLong());
    return bySpool.getOrDefault(spool, Map.of());
  }

  /** All of the relays that have said nothing for at least so long. */
  List<QueuedMessage> silentFor(Duration time) {
    long now = nanos.getAsLong();
    List<QueuedMessage> silent = new ArrayList<>();
    bySpool.forEach(
        (spool, messages) -> {
          if (now - heard.getOrDefault(spool, now) >= time.toNanos()) {
            silent.addAll(messages.values());
          }
        });
    return silent;
  }

  /** How many of each relay. */
  Map<UUID, Integer> counts() {
    Map<UUID, Integer> counts = new HashMap<>();
    bySpool.forEach((spool, messages) -> counts.put(spool, messages.size()));
    return counts;
  }
}
