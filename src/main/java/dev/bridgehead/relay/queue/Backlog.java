package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.routing.Destination;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Parcels that wait for their time, those that are due, by lane, and those that are held. Lanes
 * take turns. Guarded by the queue's lock; knows no clock: times are milliseconds since 1970.
 */
final class Backlog {
  private static final Comparator<Parcel> SOONEST_FIRST =
      Comparator.<Parcel>comparingLong(Parcel::due).thenComparing(parcel -> parcel.message().id());

  /** What is known of an idle destination is worth keeping for so long. */
  private static final long IDLE_MILLIS = 300_000;

  private static final int MOST_IDLE = 10_000;

  private final ParcelHeap waiting = new ParcelHeap(SOONEST_FIRST);
  private final SequencedSet<Parcel> held = new LinkedHashSet<>();
  private final Map<Destination, Lane> lanes = new HashMap<>();

  /**
   * Lanes that could start a parcel, the one whose turn it is first; apart those under suspicion.
   */
  private final SequencedSet<Lane> turns = new LinkedHashSet<>();

  private final SequencedSet<Lane> suspects = new LinkedHashSet<>();

  /** Lanes that are left alone, and when each must be looked at. */
  private final TreeSet<Lane> deferred =
      new TreeSet<>(Comparator.<Lane>comparingLong(Lane::wake).thenComparingInt(Lane::number));

  /** Lanes left alone in which something has expired. */
  private final SequencedSet<Lane> overdue = new LinkedHashSet<>();

  private final SequencedSet<Lane> idle = new LinkedHashSet<>();
  private final int mostRunning;
  private final RandomGenerator random;
  private Terms terms;
  private int running;
  private int probing;
  private int made;
  private long advanced = Long.MIN_VALUE;

  /** Of parcels without recipients, whose record is missing: it waits for no host. */
  private final Lane ofNobody = new Lane(new Destination.SmartHosts(), made++);

  Backlog(int mostRunning, Terms terms, RandomGenerator random) {
    this.mostRunning = mostRunning;
    this.terms = terms;
    this.random = random;
  }

  /** Of a destination, made where there is none yet. */
  Lane lane(Destination destination) {
    Lane known = lanes.get(destination);
    if (known == null) {
      known = new Lane(destination, made++);
      lanes.put(destination, known);
    }
    return known;
  }

  Lane ofNobody() {
    return ofNobody;
  }

  Collection<Lane> lanes() {
    return lanes.values();
  }

  /** Takes a parcel in that the queue did not know. */
  void add(Parcel parcel, long now) {
    adopt(parcel);
    put(parcel, now);
  }

  /** The same of a parcel that is in the caller's hands, split from another. */
  void adopt(Parcel parcel) {
    parcel.lane().count(1);
    idle.remove(parcel.lane());
  }

  /** Puts a parcel where it belongs that was in somebody's hands. */
  void put(Parcel parcel, long now) {
    if (parcel.held()) {
      parcel.state(Parcel.State.HELD);
      held.add(parcel);
    } else if (parcel.due() > now) {
      parcel.state(Parcel.State.WAITING);
      waiting.add(parcel);
    } else {
      ready(parcel, now);
    }
  }

  private void ready(Parcel parcel, long now) {
    parcel.state(Parcel.State.READY);
    parcel.lane().ready().add(parcel);
    offer(parcel.lane(), now);
  }

  /** Takes a parcel out of whatever list it is in, into the caller's hands. */
  void take(Parcel parcel, long now) {
    switch (parcel.state()) {
      case WAITING -> waiting.remove(parcel);
      case READY -> {
        parcel.lane().ready().remove(parcel);
        offer(parcel.lane(), now);
      }
      case HELD -> held.remove(parcel);
      case ACTIVE -> throw new IllegalStateException("it is in other hands");
    }
    parcel.state(Parcel.State.ACTIVE);
  }

  /** A parcel in somebody's hands leaves the queue for good. */
  void drop(Parcel parcel, long now) {
    parcel.message().remove(parcel);
    parcel.lane().count(-1);
    rest(parcel.lane(), now);
  }

  private void rest(Lane lane, long now) {
    if (lane.idle()) {
      lane.idleSince(now);
      idle.add(lane);
    }
  }

  /** Lets time pass: what is due becomes ready, and lanes that were left alone are looked at. */
  void advance(long now) {
    if (now < advanced) { // the wall clock was set back
      long step = advanced - now;
      // All by the same: their order stays. Else they would wait for so much longer.
      waiting.copy().forEach(parcel -> parcel.due(parcel.due() - step));
      for (Lane lane : List.copyOf(lanes.values())) {
        lane.clamp(terms, now);
        offer(lane, now);
      }
    }
    advanced = now;
    Parcel due = waiting.peek();
    while (due != null && due.due() <= now) {
      waiting.remove(due);
      ready(due, now);
      due = waiting.peek();
    }
    while (!deferred.isEmpty() && deferred.first().wake() <= now) {
      Lane lane = deferred.removeFirst();
      if (lane.deferred(now)) { // it is not its time yet, but that of something in it
        overdue.add(lane);
      }
      offer(lane, now);
    }
    forgetIdle(now);
  }

  private void forgetIdle(long now) {
    int looked = idle.size();
    while (looked-- > 0
        && (idle.size() > MOST_IDLE || idle.getFirst().idleSince() <= now - IDLE_MILLIS)) {
      Lane lane = idle.removeFirst();
      if (lane.forgettable(terms, now)) {
        deferred.remove(lane);
        overdue.remove(lane);
        boolean unused = lanes.remove(lane.destination(), lane);
      } else {
        lane.idleSince(now);
        idle.add(lane);
      }
    }
  }

  /**
   * A parcel that is to be given up without another attempt, in the caller's hands from now on: its
   * time is over, and its host has not answered lately. Null where there is none.
   */
  @Nullable Parcel expired(long now) {
    while (!overdue.isEmpty()) {
      Lane lane = overdue.removeFirst();
      Parcel oldest = lane.ready().peek();
      if (lane.dead(now) && oldest != null && expiry(oldest) <= now) {
        overdue.add(lane);
        take(oldest, now);
        return oldest;
      }
      offer(lane, now);
    }
    return null;
  }

  private long expiry(Parcel parcel) {
    return parcel.message().arrived() + terms.expireAfter();
  }

  /** Whether a lane has changed so that it may start, or must wait. */
  private void offer(Lane lane, long now) {
    deferred.remove(lane);
    boolean startable = lane.startable(terms, now);
    if (startable) {
      (lane.suspect() ? suspects : turns).add(lane);
      (lane.suspect() ? turns : suspects).remove(lane);
      return;
    }
    turns.remove(lane);
    suspects.remove(lane);
    if (lane.deferred(now)) {
      Parcel oldest = lane.ready().peek();
      boolean later = oldest == null || !lane.dead(now) || overdue.contains(lane);
      lane.wake(oldest == null || later ? lane.until() : Math.min(lane.until(), expiry(oldest)));
      deferred.add(lane);
    }
  }

  /**
   * The next parcel to attempt, which counts as running; null where nothing may start now. Probes
   * of hosts that failed come first, but only so many that they leave most of the room to others.
   */
  @Nullable Parcel start(long now) {
    while (running < mostRunning) {
      boolean probe = !suspects.isEmpty() && probing < mostRunning / 4;
      if (!probe && turns.isEmpty()) {
        return null;
      }
      Lane lane = probe ? suspects.removeFirst() : turns.removeFirst();
      if (lane.startable(terms, now)) {
        return started(lane, now);
      }
      offer(lane, now); // its rate or its terms have changed
    }
    return null;
  }

  private Parcel started(Lane lane, long now) {
    Parcel parcel = lane.start();
    parcel.state(Parcel.State.ACTIVE);
    probing += lane.probing() ? 1 : 0;
    running++;
    offer(lane, now);
    return parcel;
  }

  /** An attempt for a lane ended. What becomes of its parcel is the caller's. */
  void finished(Lane lane, Lane.Host host, @Nullable Diagnostic why, long now) {
    running--;
    probing -= lane.probed() ? 1 : 0;
    lane.finished(host, why, terms, random, now);
    offer(lane, now);
    rest(lane, now);
  }

  /** When {@link #advance} or {@link #expired} will have something to do. */
  long nextWake() {
    Parcel next = waiting.peek();
    long due = next == null ? Long.MAX_VALUE : next.due();
    return deferred.isEmpty() ? due : Math.min(due, deferred.first().wake());
  }

  /** Attempts under way. */
  int running() {
    return running;
  }

  SequencedSet<Parcel> held() {
    return held;
  }

  /** Takes other terms; lanes that wait for a rate are looked at anew. */
  void terms(Terms now, long at) {
    terms = now;
    List<Lane> all = new ArrayList<>(lanes.values());
    for (Lane lane : all) {
      lane.retime(at);
      offer(lane, at);
    }
  }

  /** Nothing is held against a destination any longer. */
  void forgive(Lane lane, long now) {
    lane.forgive();
    offer(lane, now);
  }

  /** All that wait for their time at this moment, in no order. */
  List<Parcel> waiting() {
    return waiting.copy();
  }
}
