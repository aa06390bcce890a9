package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Departures;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Once through the queue, the oldest first; several threads. */
final class Walk {
  private final Departures departures;
  private @Nullable QueueId passed;
  private boolean ended;

  Walk(Departures departures) {
    this.departures = departures;
  }

  /** The next message, in hand. */
  synchronized Optional<QueueId> next() {
    while (!ended) {
      Departures.Step step = departures.next(passed);
      QueueId at = step.passed();
      if (at == null) {
        ended = true;
      } else {
        passed = at;
        if (step.taken()) {
          return Optional.of(at);
        }
      }
    }
    return Optional.empty();
  }
}
