package dev.bridgehead.relay.routing;

import java.util.List;
import java.util.Objects;

/**
 * A survey, and the candidates among what it found.
 *
 * @param candidates by rank; a host's addresses stand together; empty where the survey says why
 */
record Search(Survey survey, List<Candidate> candidates) {
  LookedUp lookedUp() {
    return candidates.isEmpty()
        ? new LookedUp.Nowhere(Objects.requireNonNull(survey.none(), "no route and no reason"))
        : new LookedUp.Found(candidates, survey.origin());
  }
}
