package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.QueueId;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds messages whose sender is to be told that it takes longer: passes all of them once, the
 * oldest first, as they come of age. Guarded by the queue's lock.
 */
final class DelayWatch {
  /** Messages looked at while the lock is held. */
  private static final int MOST_AT_ONCE = 1000;

  private @Nullable QueueId passed;

  /** A message came in, or was released, that may be older than those passed already. */
  void arrived(QueueId id, NavigableMap<QueueId, QueuedMessage> messages) {
    if (passed != null && id.compareTo(passed) <= 0) {
      passed = messages.lowerKey(id);
    }
  }

  /** The time of the notice changed: all are looked at anew. */
  void again() {
    passed = null;
  }

  /**
   * What was found.
   *
   * @param message whose sender is to be told; null where there was none among those looked at
   * @param more others may have come of age
   */
  record Found(@Nullable QueuedMessage message, boolean more) {}

  /**
   * @param before milliseconds since 1970: who arrived then or before is of age
   */
  Found next(NavigableMap<QueueId, QueuedMessage> messages, long before) {
    for (int looked = 0; looked < MOST_AT_ONCE; looked++) {
      Map.Entry<QueueId, QueuedMessage> next =
          passed == null ? messages.firstEntry() : messages.higherEntry(passed);
      if (next == null || next.getValue().arrived() > before) {
        return new Found(null, false);
      }
      passed = next.getKey();
      QueuedMessage message = next.getValue();
      if (!message.nullSender() && message.parcels().stream().anyMatch(DelayWatch::untold)) {
        return new Found(message, true);
      }
    }
    return new Found(null, true);
  }

  /** What is being attempted is told at the attempt's end; what is held waits for a person. */
  static boolean untold(Parcel parcel) {
    return !parcel.delayTold()
        && !parcel.isEmpty()
        && (parcel.state() == Parcel.State.WAITING || parcel.state() == Parcel.State.READY);
  }
}
