package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.routing.Destination;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Parcels that wait for their time, and those that are due, by destination. Destinations take
 * turns. Guarded by the queue's lock; knows no clock.
 */
final class Backlog {
  private final PriorityQueue<Parcel> waiting =
      new PriorityQueue<>(
          Comparator.comparing(Parcel::due).thenComparing(parcel -> parcel.message().id()));
  private final Map<Destination, Lane> lanes = new HashMap<>();

  /** Lanes that could start a parcel, the one whose turn it is first. */
  private final SequencedSet<Lane> turns = new LinkedHashSet<>();

  private final int mostRunning;
  private int running;

  Backlog(int mostRunning) {
    this.mostRunning = mostRunning;
  }

  void add(Parcel parcel) {
    waiting.add(parcel);
  }

  /** The next parcel to attempt, which counts as running; null where nothing may start now. */
  @Nullable Parcel start(Instant now) {
    for (Parcel due = waiting.peek();
        due != null && !due.due().isAfter(now);
        due = waiting.peek()) {
      waiting.remove();
      Lane lane = lanes.computeIfAbsent(due.destination(), Lane::new);
      lane.add(due);
      offer(lane);
    }
    if (running >= mostRunning || turns.isEmpty()) {
      return null;
    }
    Lane lane = turns.removeFirst();
    Parcel parcel = lane.start();
    offer(lane);
    running++;
    return parcel;
  }

  void finished(Parcel parcel, Lane.HostState host) {
    running--;
    Lane lane = lanes.get(parcel.destination());
    if (lane == null) {
      throw new IllegalStateException("no lane for a running parcel");
    }
    lane.finished(host);
    offer(lane);
    if (lane.idle()) {
      lanes.remove(lane.destination());
    }
  }

  private void offer(Lane lane) {
    if (lane.startable()) {
      turns.add(lane);
    } else {
      turns.remove(lane);
    }
  }

  /** When the next waiting parcel is due; null where none waits. */
  @Nullable Instant nextDue() {
    Parcel next = waiting.peek();
    return next == null ? null : next.due();
  }

  int running() {
    return running;
  }

  /** Takes out every parcel that is not running. */
  List<Parcel> drain() {
    List<Parcel> taken = new ArrayList<>(waiting);
    waiting.clear();
    turns.clear();
    lanes.values().forEach(lane -> taken.addAll(lane.drain()));
    lanes.values().removeIf(Lane::idle);
    return taken;
  }
}
