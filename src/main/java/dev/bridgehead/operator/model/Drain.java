package dev.bridgehead.operator.model;

import dev.bridgehead.api.DeletionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a bridgehead's deletion or scale-down does next, decided from what its volumes and pods say.
 */
public final class Drain {
  /**
   * How long Retain waits for pods to say that they take no new mail and have none. It delivers
   * nothing, but an answer given before new mail was refused proves nothing, and a relay refuses it
   * only 15 s after it has heard.
   */
  static final Duration RETAIN_GRACE = Duration.ofSeconds(45);

  private Drain() {}

  /** What is known of the mail on a volume. */
  public sealed interface Mail permits Queued, Unknown, Unused {}

  /**
   * Its relay, which no longer takes mail, reports that many messages.
   *
   * @param messages 0 or more
   * @param damaged messages that it set aside and can't deliver: worth the volume, not a wait
   */
  public record Queued(long messages, long damaged) implements Mail {}

  /**
   * Nobody can say, so there may be mail on it.
   *
   * @param expected whether a pod should be there that could still deliver it
   */
  public record Unknown(boolean expected) implements Mail {}

  /** The claim was never bound: there is no volume. */
  public record Unused() implements Mail {}

  /**
   * One claim of the bridgehead.
   *
   * @param claim its name
   */
  public record Volume(String claim, Mail mail) {
    boolean empty() {
      return switch (mail) {
        case Queued(long messages, long damaged) -> messages == 0 && damaged == 0;
        case Unused() -> true;
        case Unknown(_) -> false;
      };
    }

    /** Whether waiting may still empty it. */
    boolean hopeful() {
      return switch (mail) {
        case Queued(long messages, _) -> messages > 0;
        case Unknown(boolean expected) -> expected;
        case Unused() -> false;
      };
    }

    String queued() {
      return switch (mail) {
        case Queued(long messages, long damaged) when damaged > 0 ->
            (messages == 0 ? "" : messages + " and ") + damaged + " damaged";
        case Queued(long messages, _) -> Long.toString(messages);
        case Unknown(_) -> "unknown";
        case Unused() -> "0";
      };
    }
  }

  /** The next step. */
  public sealed interface Step permits Wait, Release {}

  /**
   * Deliver on.
   *
   * @param message why, for the status
   */
  public record Wait(String message) implements Step {}

  /** Stop the pods; then each claim goes or stays. */
  public record Release(List<Fate> fates) implements Step {}

  /**
   * @param keep whether mail is or may be on it
   * @param queued messages on it, such as {@code 3}, {@code 2 damaged}, or {@code unknown}
   */
  public record Fate(String claim, boolean keep, String queued) {}

  /**
   * @param forced nothing is waited for
   * @param waited since the deletion was asked for
   * @param timeout of the policy Drain
   */
  public static Step next(
      DeletionPolicy policy,
      boolean forced,
      Duration waited,
      Duration timeout,
      List<Volume> volumes) {
    Duration bound =
        switch (policy) {
          case DRAIN -> timeout;
          case RETAIN -> RETAIN_GRACE;
        };
    List<Volume> hopeful = volumes.stream().filter(volume -> worthWaiting(policy, volume)).toList();
    if (!forced && !hopeful.isEmpty() && waited.compareTo(bound) < 0) {
      return new Wait(message(hopeful));
    }
    List<Fate> fates = new ArrayList<>();
    for (Volume volume : volumes) {
      fates.add(new Fate(volume.claim(), !volume.empty(), volume.queued()));
    }
    return new Release(fates);
  }

  /** Retain waits for an answer, never for a delivery. */
  private static boolean worthWaiting(DeletionPolicy policy, Volume volume) {
    return switch (policy) {
      case DRAIN -> volume.hopeful();
      case RETAIN -> volume.mail() instanceof Unknown(boolean expected) && expected;
    };
  }

  private static String silentPods(long silent) {
    return silent == 1
        ? "1 pod has not said what it holds"
        : silent + " pods have not said what they hold";
  }

  /** Without figures: those of a status change at most once a minute. */
  private static String message(List<Volume> hopeful) {
    long silent = hopeful.stream().filter(volume -> volume.mail() instanceof Unknown).count();
    String text = "queued mail is delivered before the pods go";
    return silent == 0 ? text : text + "; " + silentPods(silent);
  }
}
