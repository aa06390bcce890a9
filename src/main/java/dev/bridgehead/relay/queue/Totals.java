package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts messages by how they stand, and by why they were put off. Filled by one thread. */
final class Totals {
  private final long[] standings = new long[Standing.values().length];

  /** In the order in which they were met: the oldest message's first. */
  private final Map<Cause.Kind, Waiting> waiting = new LinkedHashMap<>();

  private final Map<Lane, Cause> ofLanes = new HashMap<>();

  private static final class Waiting {
    private final String text;
    private long messages;

    Waiting(String text) {
      this.text = text;
    }
  }

  /** With the ledger's lock. */
  void add(QueuedMessage message, long now) {
    Standing liveliest = Standing.HELD;
    List<Parcel> parcels = message.parcels();
    for (Parcel parcel : parcels) {
      Standing standing = QueueEntry.standing(parcel, now);
      liveliest = standing.compareTo(liveliest) < 0 ? standing : liveliest;
    }
    standings[liveliest.ordinal()]++;
    if (parcels.size() == 1) { // as nearly all have
      count(parcels.getFirst());
    } else {
      parcels.stream()
          .collect(Collectors.toMap(this::kind, each -> each, (one, _) -> one, LinkedHashMap::new))
          .values()
          .forEach(this::count);
    }
  }

  private Optional<Cause.Kind> kind(Parcel parcel) {
    Cause cause = cause(parcel);
    return cause == null ? Optional.empty() : Optional.of(kind(parcel, cause));
  }

  private static Cause.Kind kind(Parcel parcel, Cause cause) {
    return cause.kind(OutcomeLog.name(parcel.lane().destination()));
  }

  private void count(Parcel parcel) {
    Cause cause = cause(parcel);
    if (cause != null) {
      waiting.computeIfAbsent(kind(parcel, cause), _ -> new Waiting(cause.text())).messages++;
    }
  }

  /** What holds up all for a host is newer than what was said to one of them. */
  private @Nullable Cause cause(Parcel parcel) {
    if (parcel.held() || parcel.isEmpty()) {
      return null;
    }
    Lane lane = parcel.lane();
    Diagnostic last = lane.last();
    if (lane.suspect() && last != null) {
      return ofLanes.computeIfAbsent(lane, _ -> Cause.of(last));
    }
    Reasons.Entry reason = parcel.reason();
    return reason == null ? null : reason.cause();
  }

  Map<Standing, Long> standings() {
    Map<Standing, Long> counts = new EnumMap<>(Standing.class);
    for (Standing standing : Standing.values()) {
      counts.put(standing, standings[standing.ordinal()]);
    }
    return counts;
  }

  /** Empty where nothing was put off. Of several, that of the oldest message. */
  Optional<Deferral> commonest() {
    return waiting.entrySet().stream()
        .sorted(Comparator.comparingLong(each -> -each.getValue().messages)) // keeps their order
        .findFirst()
        .map(each -> each.getKey().deferral(each.getValue().messages, each.getValue().text));
  }
}
