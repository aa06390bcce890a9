package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line when a destination stops answering, and one when it is back: not one a message. */
final class LaneLog {
  private static final Logger LOG = LoggerFactory.getLogger("bridgehead.delivery");

  private LaneLog() {}

  /** How it stood before an attempt ended. */
  record Before(boolean suspect) {
    /** What there is to be logged once the ledger's lock is released. With the lock. */
    Optional<Runnable> changed(Lane lane) {
      if (suspect == lane.suspect()) {
        return Optional.empty();
      }
      String destination = OutcomeLog.name(lane.destination());
      int waiting = lane.ready().size();
      Instant next = Instant.ofEpochMilli(lane.until());
      Diagnostic why = lane.last();
      return Optional.of(
          suspect
              ? () -> answers(destination, waiting)
              : () -> silent(destination, waiting, next, why == null ? "" : why.text()));
    }
  }

  static Before before(Lane lane) {
    return new Before(lane.suspect());
  }

  private static void silent(String destination, int waiting, Instant next, String text) {
    LOG.atWarn()
        .addKeyValue("destination", destination)
        .addKeyValue("waiting", waiting)
        .addKeyValue("next", next)
        .addKeyValue("text", text)
        .log("destination does not answer");
  }

  private static void answers(String destination, int waiting) {
    LOG.atInfo()
        .addKeyValue("destination", destination)
        .addKeyValue("waiting", waiting)
        .log("destination answers again");
  }
}
