package dev.bridgehead.relay.sts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The policies in force, as many as there is room for: the one that was asked for least lately goes
 * first. Any thread may enter.
 */
final class PolicyMemory {
  static final int MOST = 4096;

  /** Nobody has sent mail there for so long: such a policy is left to expire. */
  static final Duration UNUSED = Duration.ofDays(30);

  private final Map<String, Slot> slots = new LinkedHashMap<>(64, 0.75f, true);

  /**
   * @param used when it was last asked for
   * @param refreshAt when to fetch it anew
   */
  private record Slot(Kept kept, Instant used, Instant refreshAt) {}

  /** One that is in force now; it counts as used. */
  synchronized Optional<Kept> use(String domain, Instant now) {
    Slot slot = slots.get(domain);
    if (slot == null || !slot.kept().validAt(now)) {
      return Optional.empty();
    }
    slots.put(domain, new Slot(slot.kept(), now, slot.refreshAt()));
    return Optional.of(slot.kept());
  }

  /**
   * Takes one in, in place of the domain's former one.
   *
   * @return those that had to go
   */
  synchronized List<Kept> put(Kept kept, Instant now) {
    Slot former = slots.get(kept.domain());
    Instant used = former == null ? now : former.used();
    slots.put(kept.domain(), new Slot(kept, used, kept.refreshAt()));
    List<Kept> gone = new ArrayList<>();
    for (Iterator<Slot> eldest = slots.values().iterator(); slots.size() > MOST; ) {
      gone.add(eldest.next().kept());
      eldest.remove();
    }
    return gone;
  }

  /** Leaves a domain alone until then. */
  synchronized void postpone(String domain, Instant until) {
    @Nullable Slot slot = slots.get(domain);
    if (slot != null) {
      slots.put(domain, new Slot(slot.kept(), slot.used(), until));
    }
  }

  /** Those to fetch anew: a domain that has withdrawn its policy is left alone. */
  synchronized List<Kept> due(Instant now) {
    return slots.values().stream()
        .filter(slot -> slot.kept().policy().mode() != StsPolicy.Mode.NONE)
        .filter(slot -> slot.used().plus(UNUSED).isAfter(now) && !slot.refreshAt().isAfter(now))
        .map(Slot::kept)
        .toList();
  }

  /** Takes out those that are not in force any more. */
  synchronized List<Kept> expire(Instant now) {
    List<Kept> gone =
        slots.values().stream().map(Slot::kept).filter(kept -> !kept.validAt(now)).toList();
    gone.forEach(kept -> slots.remove(kept.domain()));
    return gone;
  }

  synchronized int size() {
    return slots.size();
  }
}
