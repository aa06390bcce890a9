package dev.bridgehead.operator.election;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process may write now. Opened for a while at each renewal of the Lease, it shuts by
 * itself: a process that was stopped and goes on finds it shut before it has looked at anything.
 */
public final class Fence {
  private record Term(Moment begun, Duration length) {}

  private final Supplier<Moment> now;
  private volatile @Nullable Term term; // set by the elector, read by every thread that writes
  private volatile boolean shut;

  Fence(Supplier<Moment> now) {
    this.now = now;
  }

  /** For a process without an election: always open. */
  public static Fence none() {
    Fence fence = new Fence(() -> new Moment(0, 0));
    fence.openFor(new Moment(0, 0), Duration.ofNanos(1));
    return fence;
  }

  /**
   * @param begun when the renewal was begun, not when it was answered
   */
  void openFor(Moment begun, Duration length) {
    term = new Term(begun, length);
  }

  /** For good. */
  void shut() {
    shut = true;
  }

  public boolean open() {
    Term current = term;
    return !shut
        && current != null
        && current.begun.atMostUntil(now.get()).compareTo(current.length) < 0;
  }
}
