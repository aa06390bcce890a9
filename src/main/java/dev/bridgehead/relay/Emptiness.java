package dev.bridgehead.relay;

import dev.bridgehead.relay.spool.LogSpool;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether nothing is left in a relay that is closed to clients. That ends a drain, and perhaps its
 * volume, so it must not be said while anything may still come, of what lies on disk without being
 * queued, nor before what is so now would also be found after a power loss.
 */
final class Emptiness {
  private static final Logger LOG = LoggerFactory.getLogger(Emptiness.class);

  private final BooleanSupplier quiet;
  private final BooleanSupplier settled;
  private final IntSupplier queued;
  private final LogSpool spool;
  private final AtomicBoolean told = new AtomicBoolean();

  /**
   * @param quiet no session is open, and none comes
   * @param settled no sibling has to ask, or to be asked, for anything
   * @param queued messages in the queue
   */
  Emptiness(BooleanSupplier quiet, BooleanSupplier settled, IntSupplier queued, LogSpool spool) {
    this.quiet = quiet;
    this.settled = settled;
    this.queued = queued;
    this.spool = spool;
  }

  boolean reached() {
    // Counted last, for what a session or a sibling brought; and first, since nobody has to hear of
    // a sibling that is waited for while there is other work.
    if (!quiet.getAsBoolean()
        || queued.getAsInt() > 0
        || !settled.getAsBoolean()
        || queued.getAsInt() > 0) {
      return false;
    }
    if (spool.messages() > 0) { // a notice that could not be queued waits there for a restart
      if (!told.getAndSet(true)) {
        LOG.warn(
            "nothing is queued, but {} messages are in the spool: restart this relay, so that they"
                + " are delivered",
            spool.messages());
      }
      return false;
    }
    try {
      spool.sync();
      return true;
    } catch (IOException e) {
      LOG.warn("the spool may be empty, but that can't be written to disk: {}", e.toString());
      return false;
    }
  }
}
