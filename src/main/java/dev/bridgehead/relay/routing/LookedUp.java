package dev.bridgehead.relay.routing;

import java.util.List;

/** What looking a destination up came to. */
sealed interface LookedUp {
  /**
   * It has next hops.
   *
   * @param candidates at least one, by rank; a host's addresses stand together
   * @param origin on whose word
   * @param whole there are no others, which can't be found at present
   */
  record Found(List<Candidate> candidates, Origin origin, boolean whole) implements LookedUp {
    public Found {
      candidates = List.copyOf(candidates);
    }
  }

  /** It has none, for now or for good. */
  record Nowhere(Route route) implements LookedUp {}
}
