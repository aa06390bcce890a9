package dev.bridgehead.relay.routing;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.util.List;

/** What a destination comes to at present. */
public sealed interface Route {
  /** Next hops in the order to be tried, at least one. */
  record Hops(List<NextHop> hops) implements Route {
    public Hops {
      if (hops.isEmpty()) {
        throw new IllegalArgumentException("a route needs a next hop");
      }
      hops = List.copyOf(hops);
    }
  }

  /** There is none and will be none: the mail is returned. */
  record Refused(Diagnostic why) implements Route {}

  /** None can be told at present: the mail waits. */
  record Unresolved(Diagnostic why) implements Route {}
}
