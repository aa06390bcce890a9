package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.mail.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this relay stands with another: what is open between the two. Any thread. */
final class Sibling {
  private static final Logger LOG = LoggerFactory.getLogger(Sibling.class);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final Place place;
  private final Duration firstPause;
  private final LongSupplier nanos;

  /** Offered, and nobody knows whether it has them. */
  private final Set<QueueId> doubts = new HashSet<>();

  /** It has them, they are gone here, and it does not know that yet. */
  private final Set<QueueId> unconfirmed = new LinkedHashSet<>();

  private @Nullable String session;
  private boolean asked;
  private boolean suspect;
  private int failures;
  private long notBefore;

  Sibling(Place place, Duration firstPause) {
    this(place, firstPause, System::nanoTime);
  }

  /**
   * @param nanos from any origin; may overflow
   */
  Sibling(Place place, Duration firstPause, LongSupplier nanos) {
    this.place = place;
    this.firstPause = firstPause;
    this.nanos = nanos;
    this.notBefore = nanos.getAsLong();
  }

  Place place() {
    return place;
  }

  /** In which messages may be offered now. */
  synchronized Optional<String> session() {
    return due() ? Optional.ofNullable(session) : Optional.empty();
  }

  /** Whether it may be spoken to now. */
  synchronized boolean due() {
    return nanos.getAsLong() - notBefore >= 0;
  }

  /** Whether it was asked, since this process began, what it has. */
  synchronized boolean asked() {
    return asked;
  }

  synchronized void opened(String inSession) {
    session = inSession;
    asked = true;
    if (suspect) {
      LOG.info("{} has proved again that it is the sibling", place);
    }
    suspect = false;
  }

  /** It has stored what was offered: only that shows that it can. */
  synchronized void took() {
    if (failures > 0) {
      LOG.info("{} takes messages over again", place);
    }
    failures = 0;
  }

  /** It must be asked before anything else is offered to it. */
  synchronized void sessionEnded() {
    session = null;
  }

  /** It is left alone for a while; what fails meanwhile, failed with it. */
  synchronized void failed(String why) {
    if (!due()) {
      return;
    }
    if (failures == 0) {
      LOG.warn("{} takes nothing over for now: {}", place, why);
    }
    leaveAlone();
  }

  /**
   * Whoever has its address is not that sibling: it gets nothing, and is left alone for a while.
   */
  synchronized void unproven(String why) {
    if (!due()) {
      return;
    }
    if (!suspect) {
      LOG.warn("{}: {}: nothing is handed over to it", place, why);
    }
    suspect = true;
    leaveAlone();
  }

  private void leaveAlone() {
    long pause = firstPause.toNanos() << Math.min(failures, 16);
    failures++;
    notBefore = nanos.getAsLong() + Math.min(pause, LONGEST_PAUSE.toNanos());
  }

  synchronized void doubt(QueueId id) {
    doubts.add(id);
    session = null;
  }

  synchronized Set<QueueId> doubts() {
    return Set.copyOf(doubts);
  }

  synchronized void resolved(QueueId id) {
    doubts.remove(id);
  }

  synchronized void has(QueueId id) {
    unconfirmed.add(id);
  }

  synchronized int unconfirmed() {
    return unconfirmed.size();
  }

  synchronized List<QueueId> toConfirm(int most) {
    return new ArrayList<>(unconfirmed).subList(0, Math.min(most, unconfirmed.size()));
  }

  synchronized void confirmed(List<QueueId> ids) {
    ids.forEach(unconfirmed::remove);
  }

  /** Whether nothing is left to be said. */
  synchronized boolean quiet() {
    return doubts.isEmpty() && unconfirmed.isEmpty();
  }
}
