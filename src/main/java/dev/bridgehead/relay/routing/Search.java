package dev.bridgehead.relay.routing;

import dev.bridgehead.relay.routing.Survey.Exchangers;
import dev.bridgehead.relay.routing.Survey.Surveyed;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A survey, and the candidates among what it found.
 *
 * @param candidates by rank; a host's addresses stand together; empty where the survey says why
 * @param whole there are no others, which can't be found at present
 */
record Search(Survey survey, List<Candidate> candidates, boolean whole) {
  static Search of(
      @Nullable Exchangers exchangers,
      Origin origin,
      List<Surveyed> hosts,
      List<Candidate> candidates,
      boolean whole,
      @Nullable Route none) {
    List<NextHop> hops = candidates.stream().map(Candidate::hop).toList();
    return new Search(new Survey(exchangers, origin, hosts, hops, none), candidates, whole);
  }

  LookedUp lookedUp() {
    return candidates.isEmpty()
        ? new LookedUp.Nowhere(Objects.requireNonNull(survey.none(), "no route and no reason"))
        : new LookedUp.Found(candidates, survey.origin(), whole);
  }
}
