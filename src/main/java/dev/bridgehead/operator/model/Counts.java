package dev.bridgehead.operator.model;

import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.api.BridgeheadSummary;
import dev.bridgehead.api.Deferral;
import dev.bridgehead.api.SmtpConnectorStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Queue figures of a status.
 *
 * @param queued messages; null before anything reported
 * @param oldest when the oldest one arrived, RFC 3339; null when none is queued
 * @param deferral why most of those that were put off are still queued; null where none was
 */
public record Counts(@Nullable Long queued, @Nullable String oldest, @Nullable Deferral deferral) {
  /** Nothing reported. */
  public static final Counts NONE = new Counts(null, null, null);

  /** As they stand in a status. */
  public static Counts in(@Nullable BridgeheadStatus status) {
    return status == null
        ? NONE
        : new Counts(
            status.queuedMessages(), status.oldestQueuedTime(), status.commonestDeferral());
  }

  /** As they stand in a status. */
  public static Counts in(@Nullable SmtpConnectorStatus status) {
    return status == null
        ? NONE
        : new Counts(
            status.queuedMessages(), status.oldestQueuedTime(), status.commonestDeferral());
  }

  /** As they stand in a status. */
  static Counts in(BridgeheadSummary summary) {
    return new Counts(
        summary.queuedMessages(), summary.oldestQueuedTime(), summary.commonestDeferral());
  }

  /** The sum of all, the same in whatever order they come. */
  public static Counts sum(List<Counts> all) {
    Counts sum = all.stream().reduce(NONE, Counts::plus);
    return new Counts(
        sum.queued,
        sum.oldest,
        commonest(
            all.stream()
                .map(Counts::deferral)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparing(Counts::text))
                .toList()));
  }

  private Counts plus(Counts other) {
    if (queued == null) {
      return other;
    }
    if (other.queued == null) {
      return this;
    }
    return new Counts(queued + other.queued, older(oldest, other.oldest), null);
  }

  /** Each relay tells the commonest of its own: what several tell may be the commonest of all. */
  private static @Nullable Deferral commonest(List<Deferral> deferrals) {
    Map<List<@Nullable String>, Deferral> kinds = new LinkedHashMap<>();
    for (Deferral each : deferrals) {
      kinds.merge(
          Arrays.asList(each.nextHop(), each.reason(), each.status()),
          each,
          (one, other) ->
              new Deferral(
                  messages(one) + messages(other),
                  one.nextHop(),
                  one.reason(),
                  one.status(),
                  one.text()));
    }
    return kinds.values().stream()
        .sorted(Comparator.comparingLong(each -> -messages(each))) // keeps their order
        .findFirst()
        .orElse(null);
  }

  private static long messages(Deferral deferral) {
    return Objects.requireNonNullElse(deferral.messages(), 0L);
  }

  private static String text(Deferral deferral) {
    return Objects.requireNonNullElse(deferral.text(), "");
  }

  /** A sentence's second half for a condition; empty where no mail was put off. */
  public String waiting() {
    if (deferral == null) {
      return "";
    }
    long messages = messages(deferral);
    return "; "
        + (queued == null || queued < messages ? messages : messages + " of " + queued)
        + " queued messages wait for "
        + deferral.nextHop()
        + ": "
        + text(deferral);
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
    private final Map<String, Written> written = new ConcurrentHashMap<>();

    /**
     * The figures to write now. What this wrote last is remembered here: the object that was read
     * may be older than that, and its figures must not come back.
     *
     * @param uid of the object that carries them
     * @param before in the object that was read
     */
    public Counts pass(String uid, Counts before, Counts current, Instant now) {
      Written last = written.get(uid);
      Counts shown = last == null ? before : last.counts();
      if (Objects.equals(shown, current)
          || (last != null && last.at().plus(INTERVAL).isAfter(now))) {
        return shown;
      }
      written.put(uid, new Written(current, now));
      return current;
    }

    public void forget(String uid) {
      written.remove(uid);
    }

    private record Written(Counts counts, Instant at) {}
  }
}
