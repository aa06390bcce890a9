package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Departures;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows once a sibling has a message on its disk: it goes from here, that is synced, and
 * only then the sibling is told that it need not remember where it came from.
 */
final class Books {
  private static final Logger LOG = LoggerFactory.getLogger(Books.class);
  private static final int CONFIRMED_AT_ONCE = 1000;

  private final Departures departures;
  private final SiblingClient client;
  private final Counter handedOver;

  Books(Departures departures, SiblingClient client, MeterRegistry metrics) {
    this.departures = departures;
    this.client = client;
    this.handedOver =
        Counter.builder("bridgehead.handed.over.messages")
            .description("Messages that other pods took over while this one was drained")
            .register(metrics);
  }

  /**
   * A sibling has it on disk: it goes from here.
   *
   * @return false where that can't be written down now
   */
  boolean leave(QueueId id, Sibling to, QueueId as) {
    try {
      Departures.Gone gone = departures.gone(id);
      if (gone == Departures.Gone.NOT_YET) {
        return false;
      }
      if (gone == Departures.Gone.NOW) {
        handedOver.increment();
        LOG.atInfo()
            .addKeyValue("id", id)
            .addKeyValue("to", to.place())
            .addKeyValue("as", as)
            .log("handed over");
      }
      to.resolved(id);
      to.has(id);
      return true;
    } catch (IOException e) {
      LOG.error("{}: {} has it, but that can't be written down: {}", id, to.place(), e.toString());
      to.doubt(id);
      return false;
    }
  }

  /** Tells each sibling what it need not remember any more. */
  void confirm(Iterable<Sibling> siblings) throws InterruptedException {
    for (Sibling sibling : siblings) {
      while (sibling.unconfirmed() > 0 && sibling.due() && confirm(sibling)) {}
    }
  }

  /** The same for one of them, where enough has gathered. */
  void confirmMany(Sibling sibling) throws InterruptedException {
    if (sibling.unconfirmed() >= CONFIRMED_AT_ONCE) {
      confirm(sibling);
    }
  }

  private boolean confirm(Sibling sibling) throws InterruptedException {
    Optional<String> session = sibling.session();
    if (session.isEmpty()) { // the next round begins one
      return false;
    }
    List<QueueId> some = sibling.toConfirm(CONFIRMED_AT_ONCE);
    try {
      departures.sync();
      client.confirm(sibling.place(), session.get(), some);
      sibling.confirmed(some);
      return true;
    } catch (IOException e) {
      sibling.sessionEnded();
      sibling.failed(String.valueOf(e.getMessage()));
      return false;
    }
  }
}
