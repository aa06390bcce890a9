package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Messages that were taken over and for which their relay may still ask: those in the queue, and
 * those of which nothing is left but the answer. Guarded by the queue's lock.
 */
final class Origins {
  private final Map<UUID, Map<QueueId, QueuedMessage>> bySpool = new HashMap<>();

  void add(QueuedMessage message, Origin origin) {
    bySpool.computeIfAbsent(origin.spool(), _ -> new HashMap<>()).put(origin.id(), message);
  }

  void remove(Origin origin) {
    Map<QueueId, QueuedMessage> ofSpool = bySpool.get(origin.spool());
    if (ofSpool != null) {
      ofSpool.remove(origin.id());
      if (ofSpool.isEmpty()) {
        bySpool.remove(origin.spool());
      }
    }
  }

  @Nullable QueuedMessage find(UUID spool, QueueId id) {
    return bySpool.getOrDefault(spool, Map.of()).get(id);
  }

  Map<QueueId, QueuedMessage> of(UUID spool) {
    return bySpool.getOrDefault(spool, Map.of());
  }

  List<QueuedMessage> all() {
    List<QueuedMessage> all = new ArrayList<>();
    bySpool.values().stream().map(Map::values).flatMap(Collection::stream).forEach(all::add);
    return all;
  }

  int count() {
    return bySpool.values().stream().mapToInt(Map::size).sum();
  }
}
