package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Departures;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands messages over to siblings while this relay is drained. One thread of its own has siblings
 * asked, each by a thread, and confirms; {@link Offers} has a few that offer; see the package for
 * what is said when.
 */
final class HandOver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

  private static final Duration BUSY_PAUSE = Duration.ofMillis(500);
  private static final Duration IDLE_PAUSE = Duration.ofMinutes(10);

  private static final Duration LAST_OFFERS = Duration.ofSeconds(5);

  private final Departures departures;
  private final OfferedTo offered;
  private final SiblingClient client;
  private final Supplier<List<Place>> targets;
  private final Runnable housekeeping;
  private final Duration firstPause;
  private final Books books;
  private final Offers offers;
  private final Map<String, Sibling> siblings = new ConcurrentHashMap<>();

  /** Who is being asked, and by whom. */
  private final Map<Sibling, Thread> asking = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread = Thread.ofVirtual().name("hand-over").unstarted(this::work);

  /** All that was found at the start is in hand until each sibling has said what it has. */
  private volatile boolean inDoubt;

  private volatile boolean stopping;
  private boolean looking; // guarded by the lock

  /**
   * @param targets whom to hand messages over to at present; empty: to nobody
   * @param housekeeping is run now and then
   * @param firstPause before a sibling that failed is spoken to again; it grows
   */
  HandOver(
      Departures departures,
      OfferedTo offered,
      SiblingClient client,
      Supplier<List<Place>> targets,
      Runnable housekeeping,
      Duration firstPause,
      MeterRegistry metrics) {
    this.departures = departures;
    this.offered = offered;
    this.client = client;
    this.targets = targets;
    this.housekeeping = housekeeping;
    this.firstPause = firstPause;
    this.books = new Books(departures, client, metrics);
    this.offers = new Offers(departures, client, books, targets, siblings, () -> stopping);
    this.inDoubt = !offered.names().isEmpty();
    for (String name : offered.names()) {
      Place.of(name).ifPresent(this::sibling);
    }
  }

  private Sibling sibling(Place place) {
    return siblings.computeIfAbsent(place.toString(), _ -> new Sibling(place, firstPause));
  }

  /** Why nothing that is found in the spool may be delivered yet; null where all of it may. */
  @Nullable String inDoubt() {
    return inDoubt
        ? "may have been handed over to " + String.join(", ", offered.names()) + ", being asked"
        : null;
  }

  /** Begins; the queue knows what was in the spool. */
  void start() {
    thread.start();
  }

  /** Something may be to be done. */
  void look() {
    lock.lock();
    try {
      looking = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether nothing is open with any sibling. One that can't be told that it need not remember what
   * it has is waited for: nobody else could tell it, and it would not get empty itself.
   */
  boolean settled() {
    return !inDoubt && siblings.values().stream().allMatch(Sibling::quiet);
  }

  private void work() {
    try {
      while (!stopping) {
        pause(round());
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer handing anything over");
    }
  }

  private void pause(Duration most) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = most.toNanos();
      while (!looking && left > 0) {
        left = changed.awaitNanos(left);
      }
      looking = false;
    } finally {
      lock.unlock();
    }
  }

  /** All that can be done now; says how long nothing else is to be done. */
  private Duration round() throws InterruptedException {
    try {
      housekeeping.run();
      askWhoMayHaveSomething();
      List<Place> now = targets.get();
      if (!now.isEmpty() && !inDoubt) {
        openSessions(now);
        offers.make();
      }
      books.confirm(siblings.values());
      if (quiet()) {
        strikeOff();
        if (now.isEmpty()) {
          siblings.clear();
          offers.forgetRefusals();
          return IDLE_PAUSE;
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      // Else this thread would end, and the drain would wait for a restart. Where no heap is left,
      // a pod's JVM has ended before this (-XX:+ExitOnOutOfMemoryError).
      LOG.error("messages can't be handed over now", e);
    }
    return firstPause.compareTo(BUSY_PAUSE) < 0 ? firstPause : BUSY_PAUSE;
  }

  /**
   * Whether all that any sibling has is gone from here, synced, and confirmed: a start need not ask
   * anybody.
   */
  private boolean quiet() {
    return !inDoubt
        && asking.isEmpty() // else a session may begin after its sibling was struck off
        && departures.inHand().isEmpty()
        && siblings.values().stream().allMatch(Sibling::quiet);
  }

  /** The next time they are written down, and asked, before any offer. */
  private void strikeOff() throws IOException {
    siblings.values().forEach(Sibling::sessionEnded);
    offered.clear();
  }

  private void askWhoMayHaveSomething() {
    for (Sibling sibling : siblings.values()) {
      if (sibling.due() && hasOpenQuestions(sibling)) {
        ask(sibling);
      }
    }
    if (inDoubt && siblings.values().stream().allMatch(Sibling::asked)) {
      inDoubt = false;
      Set<QueueId> open = new HashSet<>();
      siblings.values().forEach(each -> open.addAll(each.doubts()));
      departures.inHand().stream().filter(id -> !open.contains(id)).forEach(departures::putBack);
      LOG.info("known of every message again whether a sibling has it");
    }
  }

  private static boolean hasOpenQuestions(Sibling sibling) {
    boolean toBeTold = sibling.unconfirmed() > 0 && sibling.session().isEmpty();
    return !sibling.asked() || !sibling.doubts().isEmpty() || toBeTold;
  }

  private void openSessions(List<Place> places) throws IOException {
    for (Place place : places) {
      Sibling sibling = sibling(place);
      if (sibling.due() && sibling.session().isEmpty()) {
        offered.add(place.toString());
        ask(sibling);
      }
    }
  }

  /** By a thread of its own: one that hangs keeps no other waiting. */
  private void ask(Sibling sibling) {
    Thread asker =
        Thread.ofVirtual().name("ask-" + sibling.place()).unstarted(() -> askSafely(sibling));
    if (asking.putIfAbsent(sibling, asker) == null) {
      asker.start();
    }
  }

  private void askSafely(Sibling sibling) {
    try {
      askWhatItHas(sibling);
    } catch (InterruptedException e) {
      LOG.debug("no longer asking {}", sibling.place());
    } catch (RuntimeException | Error e) {
      LOG.error("{} can't be asked now", sibling.place(), e);
      sibling.failed(e.toString());
    } finally {
      asking.remove(sibling);
      look();
    }
  }

  /** Asks what a sibling has, and lets that be true here; what it has not stays here. */
  private void askWhatItHas(Sibling sibling) throws InterruptedException {
    SiblingClient.Begun begun;
    try {
      begun = client.begin(sibling.place());
    } catch (UnprovenException e) {
      sibling.unproven(String.valueOf(e.getMessage()));
      return;
    } catch (IOException e) {
      sibling.failed(String.valueOf(e.getMessage()));
      return;
    }
    boolean all = true;
    for (Map.Entry<QueueId, QueueId> names : begun.has().entrySet()) {
      all &= books.leave(names.getKey(), sibling, names.getValue());
    }
    for (QueueId id : sibling.doubts()) {
      if (!begun.has().containsKey(id)) {
        departures.putBack(id);
        sibling.resolved(id);
      }
    }
    if (all) {
      sibling.opened(begun.session());
    } else {
      sibling.failed("it has messages that can't be taken out of the queue yet");
    }
  }

  /** Lets offers under way end, and says so; what is open then is asked by the next process. */
  @Override
  public void close() {
    stopping = true;
    look();
    try {
      if (thread.isAlive() && !thread.join(LAST_OFFERS)) {
        LOG.warn("offers under way are broken off");
      }
      client.close();
      thread.interrupt();
      for (Thread asker : asking.values()) {
        asker.interrupt();
        asker.join(LAST_OFFERS);
      }
      if (quiet()) {
        strikeOff();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn("the next start asks the siblings although nothing is open: {}", e.toString());
    }
  }
}
