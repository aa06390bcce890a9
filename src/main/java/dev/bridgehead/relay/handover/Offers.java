package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.handover.SiblingClient.Reply;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Departures;
import dev.bridgehead.relay.queue.Departures.Leaving;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Offers messages to the siblings with an open session, a few at a time. */
final class Offers {
  private static final Logger LOG = LoggerFactory.getLogger(Offers.class);

  /** Offers at a time: enough for the siblings' group commit, few enough for their disks. */
  private static final int AT_A_TIME = 8;

  private final Departures departures;
  private final SiblingClient client;
  private final Books books;
  private final Supplier<List<Place>> targets;
  private final Map<String, Sibling> siblings;
  private final BooleanSupplier stopping;
  private final Set<QueueId> unsuitable = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param siblings by their places; changed by others
   */
  Offers(
      Departures departures,
      SiblingClient client,
      Books books,
      Supplier<List<Place>> targets,
      Map<String, Sibling> siblings,
      BooleanSupplier stopping) {
    this.departures = departures;
    this.client = client;
    this.books = books;
    this.targets = targets;
    this.siblings = siblings;
    this.stopping = stopping;
  }

  /** Another drain may find others that take what these did not. */
  void forgetRefusals() {
    unsuitable.clear();
  }

  /** Offers what can be offered, once through the queue. */
  void make() throws InterruptedException {
    Walk walk = new Walk(departures);
    CountDownLatch done = new CountDownLatch(AT_A_TIME);
    for (int i = 0; i < AT_A_TIME; i++) {
      Thread.ofVirtual()
          .name("offer-" + i)
          .start(
              () -> {
                try {
                  offerSome(walk);
                } catch (InterruptedException e) {
                  LOG.debug("an offer was interrupted");
                } catch (RuntimeException | Error e) {
                  LOG.error("an offer broke off", e);
                } finally {
                  done.countDown();
                }
              });
    }
    done.await();
  }

  private void offerSome(Walk walk) throws InterruptedException {
    while (!stopping.getAsBoolean()) {
      Optional<Sibling> sibling = nextSibling();
      Optional<QueueId> id = sibling.isEmpty() ? Optional.empty() : walk.next();
      if (id.isEmpty()) {
        return;
      }
      offerSafely(id.get(), sibling.get());
    }
  }

  /** Whatever goes wrong in between, a message in hand is not forgotten: the sibling is asked. */
  private void offerSafely(QueueId id, Sibling to) throws InterruptedException {
    try {
      if (unsuitable.contains(id)) {
        departures.putBack(id);
      } else {
        offer(id, to);
      }
    } catch (RuntimeException | Error e) {
      LOG.error("{}: an offer to {} broke off", id, to.place(), e);
      to.doubt(id);
      to.failed(e.toString());
    }
  }

  /** They take turns. */
  private Optional<Sibling> nextSibling() {
    List<Place> now = targets.get();
    int first = turn.getAndIncrement();
    for (int i = 0; i < now.size(); i++) {
      Sibling sibling = siblings.get(now.get(Math.floorMod(first + i, now.size())).toString());
      if (sibling != null && sibling.session().isPresent()) {
        return Optional.of(sibling);
      }
    }
    return Optional.empty();
  }

  private void offer(QueueId id, Sibling to) throws InterruptedException {
    Optional<String> session = to.session();
    if (session.isEmpty()) { // it failed meanwhile
      departures.putBack(id);
      return;
    }
    Leaving leaving;
    try {
      leaving = departures.read(id);
    } catch (IOException e) {
      unreadable(id, e.toString());
      return;
    }
    Reply reply = client.offer(to.place(), session.get(), leaving, () -> departures.content(id));
    switch (reply) {
      case Reply.Taken(QueueId as) -> {
        to.took();
        if (books.leave(id, to, as)) {
          books.confirmMany(to);
        }
      }
      case Reply.Refused(int status, String why) -> {
        departures.putBack(id);
        refused(id, to, status, why);
      }
      case Reply.Unreadable(String why) -> unreadable(id, why);
      case Reply.Unknown(String why) -> {
        LOG.warn("{}: whether {} has it is not known, it is asked: {}", id, to.place(), why);
        departures.explain(id, "may have been handed over to " + to.place() + ", being asked");
        to.doubt(id);
        to.failed(why);
      }
    }
  }

  /** The others go on. */
  private void unreadable(QueueId id, String why) {
    LOG.error("{} can't be read, and stays: {}", id, why);
    unsuitable.add(id);
    departures.putBack(id);
  }

  private void refused(QueueId id, Sibling by, int status, String why) {
    switch (status) {
      case TakeOver.OTHER_SESSION -> by.sessionEnded();
      case TakeOver.UNREADABLE -> {
        LOG.error("{} stays: {} does not take it: {}", id, by.place(), why);
        unsuitable.add(id);
      }
      default -> by.failed(why);
    }
  }
}
