package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Outcome;
import java.util.List;

/** Hands messages to next hops. May be called by any number of threads. */
public interface Delivery extends AutoCloseable {
  /**
   * Makes one attempt, and blocks until every recipient has an outcome. A peer's fault is an
   * outcome, never an exception.
   *
   * @return one outcome per recipient of the attempt, in its order
   */
  List<Outcome> attempt(Attempt attempt);

  @Override
  void close();
}
