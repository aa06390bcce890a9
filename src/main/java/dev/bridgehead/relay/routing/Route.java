package dev.bridgehead.relay.routing;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.util.List;

/** What a destination comes to at present. */
public sealed interface Route {
  /**
   * Next hops that aren't known to be dead, best ones first.
   *
   * @param hops at least one
   * @param best how many at the head are equally good, so that a session kept with any of them
   *     serves; at least one. {@link Router#inTurn} says which of them a new connection is for
   * @param origin on whose word these are the next hops
   * @param whole there are no others, which did not answer lately, or can't be found at present
   */
  record Hops(List<NextHop> hops, int best, Origin origin, boolean whole) implements Route {
    public Hops {
      if (best < 1 || best > hops.size()) {
        throw new IllegalArgumentException("a route needs a next hop");
      }
      hops = List.copyOf(hops);
    }

    /** Those that are equally good and better than the rest. */
    public List<NextHop> firstChoice() {
      return hops.subList(0, best);
    }
  }

  /** There is none and will be none: the mail is returned. */
  record Refused(Diagnostic why) implements Route {}

  /** None can be told at present: the mail waits. */
  record Unresolved(Diagnostic why) implements Route {}
}
