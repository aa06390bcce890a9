package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.routing.Destination;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What is ready for one destination, and how many attempts it may have at a time: a few at first,
 * one more with each success, one only after its host could not be spoken to. So a dead destination
 * holds one slot, and many dead ones don't hold them all.
 */
final class Lane {
  private static final int FIRST = 5;
  private static final int MOST = 20;

  /** How an attempt left the host. */
  enum HostState {
    ANSWERED,
    UNREACHABLE
  }

  private final Destination destination;
  private final Deque<Parcel> ready = new ArrayDeque<>();
  private int limit = FIRST;
  private int running;

  Lane(Destination destination) {
    this.destination = destination;
  }

  Destination destination() {
    return destination;
  }

  void add(Parcel parcel) {
    ready.add(parcel);
  }

  /** The next parcel, which counts as running; null where there is none or no slot. */
  @Nullable Parcel start() {
    if (!startable()) {
      return null;
    }
    running++;
    return ready.poll();
  }

  void finished(HostState host) {
    running--;
    limit = host == HostState.ANSWERED ? Math.min(MOST, limit + 1) : 1;
  }

  boolean startable() {
    return !ready.isEmpty() && running < limit;
  }

  boolean idle() {
    return ready.isEmpty() && running == 0;
  }

  /** Takes out all that is ready. */
  Deque<Parcel> drain() {
    Deque<Parcel> taken = new ArrayDeque<>(ready);
    ready.clear();
    return taken;
  }
}
