package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.routing.Destination;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What is ready for one destination, the oldest first, and how it may be attempted now: a few at a
 * time at first, one more with each success; after its host could not be reached, not at all for a
 * while, then one to see whether it is back. Guarded by the queue's lock; times are milliseconds
 * since 1970.
 */
final class Lane {
  private static final int FIRST = 5;

  /** A session that broke off may be one message's fault; so many in a row are the host's. */
  private static final int MOST_FALTERS = 3;

  private static final Comparator<Parcel> OLDEST_FIRST =
      Comparator.<Parcel>comparingLong(parcel -> parcel.message().arrived())
          .thenComparing(parcel -> parcel.message().id());

  /** How an attempt found the host. */
  enum Host {
    /** It took the message, or said why not. */
    ANSWERED,
    /** The session broke off or hung. */
    FALTERED,
    /** It was not asked, since it is remembered not to answer. */
    REMEMBERED,
    /** No session was had: the next message would fare no better. */
    UNREACHABLE,
    /** It was asked, on terms that are gone. */
    OVERTAKEN,
    /** It was not asked, or the fault was ours. */
    UNTRIED
  }

  private final Destination destination;
  private final int number;
  private final ParcelHeap ready = new ParcelHeap(OLDEST_FIRST);
  private int parcels;
  private int running;
  private int probes;
  private int limit = FIRST;
  private int failures;
  private int falters;
  private long until;
  private boolean dead;
  private double tokens = Double.MAX_VALUE;
  private long tokensAt;
  private long wake;
  private long idleSince;
  private @Nullable Diagnostic last;

  /**
   * @param number tells it from other lanes
   */
  Lane(Destination destination, int number) {
    this.destination = destination;
    this.number = number;
  }

  Destination destination() {
    return destination;
  }

  int number() {
    return number;
  }

  ParcelHeap ready() {
    return ready;
  }

  /** Counts a parcel that has come to this lane, or left the queue for good. */
  void count(int more) {
    parcels += more;
  }

  int running() {
    return running;
  }

  /** Neither has nor awaits anything. */
  boolean idle() {
    return parcels == 0 && running == 0;
  }

  void idleSince(long now) {
    idleSince = now;
  }

  long idleSince() {
    return idleSince;
  }

  /** Whether a new one would do as well: the rate is restored, and there is nothing to wait for. */
  boolean forgettable(Terms terms, long now) {
    refill(terms, now);
    return until <= now && tokens >= terms.burst();
  }

  /** Its host did not answer lately: what is ready is not attempted now. */
  boolean deferred(long now) {
    return until > now;
  }

  /** Deferred since its host could not be reached, not because of a rate. */
  boolean dead(long now) {
    return dead && until > now;
  }

  /** Its host failed last time. */
  boolean suspect() {
    return failures > 0;
  }

  long until() {
    return until;
  }

  /** What was said when it failed last; null where it did not. */
  @Nullable Diagnostic last() {
    return last;
  }

  /** When it must be looked at again; kept by the backlog. */
  long wake() {
    return wake;
  }

  void wake(long when) {
    wake = when;
  }

  /**
   * Whether an attempt may start now. Where only the rate is against it, it becomes deferred until
   * the next message may go.
   */
  boolean startable(Terms terms, long now) {
    if (ready.isEmpty() || until > now || running >= Math.min(limit, terms.connections())) {
      return false;
    }
    Double rate = terms.perMilli();
    refill(terms, now);
    if (rate != null && tokens < 1) {
      dead = false;
      until = now + Math.max(1, (long) Math.ceil((1 - tokens) / rate));
      return false;
    }
    return true;
  }

  private void refill(Terms terms, long now) {
    Double rate = terms.perMilli();
    double earned = rate == null ? 0 : Math.max(0, now - tokensAt) * rate;
    tokens = rate == null ? Double.MAX_VALUE : Math.min(terms.burst(), tokens + earned);
    tokensAt = now;
  }

  /** The next parcel, which counts as running. Only where it is {@link #startable}. */
  Parcel start() {
    Parcel parcel = ready.poll();
    if (parcel == null) {
      throw new IllegalStateException("nothing is ready");
    }
    running++;
    tokens--;
    return parcel;
  }

  /** Whether the attempt that starts now is a probe, which counts until {@link #probed}. */
  boolean probing() {
    if (failures == 0) {
      return false;
    }
    probes++;
    return true;
  }

  /** Whether a probe was under way; it counts no longer. */
  boolean probed() {
    if (probes == 0) {
      return false;
    }
    probes--;
    return true;
  }

  /**
   * An attempt ended.
   *
   * @param why the last failure, where there was one
   */
  void finished(
      Host host, @Nullable Diagnostic why, Terms terms, RandomGenerator random, long now) {
    running--;
    switch (host) {
      case ANSWERED -> {
        clear();
        limit = Math.min(terms.connections(), limit + 1);
      }
      case FALTERED -> {
        limit = 1;
        last = why;
        if (++falters >= MOST_FALTERS) {
          fail(terms, random, now);
        }
      }
      case UNREACHABLE -> {
        limit = 1;
        last = why;
        fail(terms, random, now);
      }
      case REMEMBERED -> {
        tokens++; // nothing was sent
        limit = 1;
        last = last == null ? why : last; // what the host did says more
        if (!dead(now)) {
          failures = Math.max(0, failures - 1); // as long a pause as the one that has just passed
          fail(terms, random, now);
        }
      }
      case UNTRIED -> {
        tokens++; // nothing was sent
        retime(now);
      }
      case OVERTAKEN -> {}
    }
  }

  /** What was under way with the first failure says nothing new. */
  private void fail(Terms terms, RandomGenerator random, long now) {
    if (dead(now)) {
      return;
    }
    failures++;
    long interval = terms.firstProbe() << Math.min(failures - 1, 16);
    long bounded = Math.min(terms.longestProbe(), interval);
    dead = true;
    until = now + bounded + random.nextLong(bounded / 10 + 1);
  }

  /** The wall clock was set back: it is not left alone for longer than it ever would be. */
  void clamp(Terms terms, long now) {
    until = Math.min(until, now + terms.longestProbe() + terms.longestProbe() / 10);
  }

  /** The rate changed: when the next message may go is another question now. */
  void retime(long now) {
    if (!dead(now)) {
      until = 0;
    }
  }

  /** Asked for by a person, or by another configuration: nothing is held against the host. */
  void forgive() {
    clear();
    limit = Math.max(limit, FIRST);
  }

  private void clear() {
    if (dead) {
      until = 0;
    }
    dead = false;
    failures = 0;
    falters = 0;
    last = null;
  }
}
