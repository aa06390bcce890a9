package dev.bridgehead.operator.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Queue figures of a status.
 *
 * @param queued messages; null before anything reported
 * @param oldest when the oldest one arrived, RFC 3339; null when none is queued
 */
public record Counts(@Nullable Long queued, @Nullable String oldest) {
  /** Nothing reported. */
  public static final Counts NONE = new Counts(null, null);

  /** The sum of both. */
  public Counts plus(Counts other) {
    if (queued == null) {
      return other;
    }
    if (other.queued == null) {
      return this;
    }
    return new Counts(queued + other.queued, older(oldest, other.oldest));
  }

  private static @Nullable String older(@Nullable String one, @Nullable String other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.compareTo(other) <= 0 ? one : other;
  }

  /** Lets figures into a status at most once a minute: each write wakes everybody who watches. */
  public static final class Gate {
    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private final Map<String, Instant> written = new ConcurrentHashMap<>();

    /**
     * The figures to write now.
     *
     * @param uid of the object that carries them
     */
    public Counts pass(String uid, Counts before, Counts current, Instant now) {
      if (Objects.equals(before, current)) {
        return before;
      }
      Instant last = written.get(uid);
      if (last != null && last.plus(INTERVAL).isAfter(now)) {
        return before;
      }
      written.put(uid, now);
      return current;
    }

    public void forget(String uid) {
      written.remove(uid);
    }
  }
}
