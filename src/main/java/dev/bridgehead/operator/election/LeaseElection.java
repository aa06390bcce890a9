package dev.bridgehead.operator.election;

import dev.bridgehead.operator.election.LeaseStore.Seen;
import dev.bridgehead.operator.kube.Failures;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for election over one Lease, and holds it.
 *
 * <p>Why not the client library's elector: in the version that JOSDK needs it tells that it leads
 * before the API server has agreed, never releases, and knows nothing of a fence.
 *
 * <p>The rules that make two leaders impossible, as far as an API server without fencing tokens
 * lets them be:
 *
 * <ul>
 *   <li>A standby takes over when it has seen the same version of the Lease for a whole lease by
 *       its own monotonic clock. It compares no times of other machines. Time before a look that
 *       was not answered does not count: the leader could not renew then either. It is left out,
 *       and what was counted before stays: an API server that fails now and then delays a standby,
 *       and doesn't hold it off.
 *   <li>The leader's fence shuts by itself {@link Terms#writes} after it <em>began</em> its last
 *       renewal, which is before anybody saw that. The rest of the lease is for requests that are
 *       under way.
 *   <li>A leader whose fence shut may go on where the Lease still names it: then nobody else can
 *       have led. Where it names another, {@link Candidate#deposed}.
 * </ul>
 */
public final class LeaseElection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseElection.class);

  /** Times our own lease, the longest that another is waited for, whatever it asked for. */
  private static final int LONGEST = 4;

  /** A look that takes as long as this doesn't end: a request's body that never comes, say. */
  private static final Duration HANGING = Duration.ofMinutes(1);

  /**
   * How long things last.
   *
   * @param lease after which a silent leader is replaced
   * @param writes how long after a renewal the leader may write; less than the lease
   * @param renewal from one renewal, or attempt of one, to the next
   * @param look from one look of a standby to the next: how late it may see a renewal, and by that
   *     how much longer than the lease a silent leader is waited for
   */
  public record Terms(Duration lease, Duration writes, Duration renewal, Duration look) {
    /** client-go's lease, renew deadline and retry period; a standby only reads, so more often. */
    public static final Terms DEFAULT =
        new Terms(
            Duration.ofSeconds(15),
            Duration.ofSeconds(10),
            Duration.ofSeconds(2),
            Duration.ofMillis(500));

    public Terms {
      if (writes.compareTo(lease) >= 0
          || renewal.compareTo(writes) >= 0
          || look.compareTo(renewal) > 0) {
        throw new IllegalArgumentException(
            "not look <= renewal < writes < lease: %s, %s, %s, %s"
                .formatted(look, renewal, writes, lease));
      }
    }
  }

  /**
   * A version of the Lease, and how long it has been seen unchanged.
   *
   * @param unchanged between looks that were answered, one after the other
   * @param last look that was answered
   */
  private record Observation(Seen seen, Duration unchanged, Moment last) {
    /** The version was there still, at the next look. */
    Observation again(Moment now) {
      return new Observation(seen, unchanged.plus(last.atLeastUntil(now)), now);
    }

    /** Nothing is known of the time until now. */
    Observation unanswered(Moment now) {
      return new Observation(seen, unchanged, now);
    }
  }

  private final LeaseStore store;
  private final Terms terms;
  private final Candidate candidate;
  private final Supplier<Moment> now;
  private final Fence fence;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private boolean closed; // guarded by lock

  private volatile boolean elected; // set by the elector's thread
  private volatile Moment lastLook; // set by the elector's thread
  private boolean failing; // the elector's thread only
  private @Nullable Observation observed; // the elector's thread only

  LeaseElection(LeaseStore store, Terms terms, Candidate candidate, Supplier<Moment> now) {
    this.store = store;
    this.terms = terms;
    this.candidate = candidate;
    this.now = now;
    this.fence = new Fence(now);
    this.lastLook = now.get();
    this.thread = Thread.ofPlatform().daemon().name("election").unstarted(this::run);
  }

  /**
   * Prepares to stand; {@link #begin} begins.
   *
   * @param client that does not try again by itself, and waits for an answer less than a lease; not
   *     fenced
   * @param pod of this process; a Lease of an earlier process of the same pod is free
   */
  public static LeaseElection of(
      KubernetesClient client,
      String namespace,
      String name,
      String pod,
      Terms terms,
      Candidate candidate) {
    String run = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    return new LeaseElection(
        new LeaseStore(client, namespace, name, pod + "_" + run, Clock.systemUTC()),
        terms,
        candidate,
        Moment.NOW);
  }

  /** Shut until elected, and whenever the Lease could not be renewed in time. */
  public Fence fence() {
    return fence;
  }

  public void begin() {
    thread.start();
  }

  /** Whether it was elected, and nothing says otherwise. */
  public boolean leads() {
    return elected && fence.open();
  }

  /** Whether it still stands or leads; it always should. A look that hangs ends that, too. */
  public boolean runs() {
    return thread.isAlive() && !hangs();
  }

  boolean hangs() {
    return lastLook.atLeastUntil(now.get()).compareTo(HANGING) > 0;
  }

  private void run() {
    while (!awaitClosing()) {
      try {
        round();
      } catch (RuntimeException | Error e) {
        // A fault of ours. To go on might be to lead, or to stand by, without doing what it takes.
        LOG.error("The election failed", e);
        fence.shut();
        candidate.failed("the election failed: " + e);
        return;
      }
    }
  }

  private boolean awaitClosing() {
    lock.lock();
    try {
      long left = untilNextRound().toNanos();
      while (!closed && left > 0) {
        left = closing.awaitNanos(left);
      }
      return closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A standby looks again at the very end of the lease that it has seen, not up to a look later.
   */
  Duration untilNextRound() {
    if (elected) {
      return terms.renewal;
    }
    if (observed == null) {
      return failing ? terms.look : Duration.ZERO;
    }
    Duration rest = lease(observed).minus(observed.again(now.get()).unchanged);
    return rest.isNegative() || rest.compareTo(terms.look) >= 0 ? terms.look : rest.plusMillis(1);
  }

  /** One look at the Lease, and what follows from it. */
  void round() {
    Moment begun = now.get();
    lastLook = begun;
    try {
      Optional<Seen> found = store.read();
      if (found.isPresent() && found.get().holder().equals(store.holder())) {
        store.renew(found.get(), terms.lease);
        won(begun);
      } else if (elected && found.isPresent() && !found.get().holder().isEmpty()) {
        fence.shut();
        candidate.deposed(found.get().holder());
      } else if (free(found)) {
        take(found);
        won(begun);
      }
      failing = false;
    } catch (KubernetesClientException e) {
      failed(e);
    }
  }

  private void take(Optional<Seen> found) {
    if (found.isPresent()) {
      store.take(found.get(), terms.lease);
    } else {
      store.create(terms.lease);
    }
  }

  private void won(Moment begun) {
    fence.openFor(begun, terms.writes);
    if (!elected) {
      elected = true;
      LOG.info("Elected: this replica, {}, leads", store.holder());
      candidate.elected();
    }
  }

  private boolean free(Optional<Seen> found) {
    if (found.isEmpty()) {
      // Deleted by somebody while another led: that one has until the end of its lease to notice.
      observed = observed == null ? null : observed.again(now.get());
      return observed == null || over(observed);
    }
    Seen seen = found.get();
    if (seen.holder().isEmpty() || pod(seen.holder()).equals(pod(store.holder()))) {
      return true;
    }
    if (observed == null || !observed.seen.version().equals(seen.version())) {
      if (observed == null || !observed.seen.holder().equals(seen.holder())) {
        LOG.info("Standing by: {} leads", seen.holder());
      }
      observed =
          new Observation(seen, Duration.ZERO, now.get()); // after the answer: later is safer
      return false;
    }
    observed = observed.again(now.get());
    return over(observed);
  }

  private boolean over(Observation observation) {
    return observation.unchanged.compareTo(lease(observation)) > 0;
  }

  /**
   * As long as the leader asked for, never shorter than ours, and within reason: somebody may have
   * edited it.
   */
  private Duration lease(Observation observation) {
    Duration asked = observation.seen.duration();
    Duration most = terms.lease.multipliedBy(LONGEST);
    return asked.compareTo(terms.lease) < 0
        ? terms.lease
        : asked.compareTo(most) > 0 ? most : asked;
  }

  /** Pods' names have no underscore. */
  private static String pod(String holder) {
    int end = holder.lastIndexOf('_');
    return end < 0 ? holder : holder.substring(0, end);
  }

  private void failed(KubernetesClientException e) {
    if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
      return; // another was quicker; the next look shows who
    }
    observed = observed == null ? null : observed.unanswered(now.get());
    if (!failing) {
      failing = true;
      LOG.warn("The Lease can't be {}: {}", elected ? "renewed" : "read", Failures.reason(e));
    }
  }

  /** Shuts the fence for good and stands no more; the Lease stays as it is. */
  @Override
  public void close() {
    fence.shut();
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
    if (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Gives the Lease back, so that a standby leads within its next look. Only after {@link #close},
   * and only where nothing that was sent before can still be under way.
   */
  public void release() {
    if (!elected) {
      return;
    }
    try {
      Optional<Seen> mine = store.read().filter(s -> s.holder().equals(store.holder()));
      if (mine.isPresent()) {
        store.release(mine.get());
        LOG.info("Released the Lease");
      }
    } catch (KubernetesClientException e) {
      LOG.warn("The Lease could not be released, and runs out: {}", Failures.reason(e));
    }
  }
}
