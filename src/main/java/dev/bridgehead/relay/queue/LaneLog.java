package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line when a destination stops answering, and one when it is back: not one a message. */
final class LaneLog {
  private static final Logger LOG = LoggerFactory.getLogger("bridgehead.delivery");

  private LaneLog() {}

  /** How it stood before an attempt ended. */
  record Before(boolean suspect) {
    void report(Lane lane, long now) {
      if (!suspect && lane.suspect()) {
        Diagnostic why = lane.last();
        LOG.atWarn()
            .addKeyValue("destination", OutcomeLog.name(lane.destination()))
            .addKeyValue("waiting", lane.ready().size())
            .addKeyValue("next", Instant.ofEpochMilli(lane.until()))
            .addKeyValue("text", why == null ? "" : why.text())
            .log("destination does not answer");
      } else if (suspect && !lane.suspect()) {
        LOG.atInfo()
            .addKeyValue("destination", OutcomeLog.name(lane.destination()))
            .addKeyValue("waiting", lane.ready().size())
            .log("destination answers again");
      }
    }
  }

  static Before before(Lane lane) {
    return new Before(lane.suspect());
  }
}
