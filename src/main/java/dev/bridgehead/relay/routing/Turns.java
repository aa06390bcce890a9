package dev.bridgehead.relay.routing;

import dev.bridgehead.api.Selection;
import dev.bridgehead.relay.config.RelayConfig.Routes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Whose turn it is among next hops that are equally good. Any thread may ask. */
final class Turns {
  private final Random random;
  private final AtomicInteger turn = new AtomicInteger();

  Turns(Random random) {
    this.random = random;
  }

  /** The order in which to ask for a new connection; a host's addresses stay together. */
  List<NextHop> next(Route.Hops route, Routes routes) {
    List<List<NextHop>> equals = byHost(route.firstChoice());
    if (equals.size() == 1) {
      return route.hops();
    }
    switch (routes.mode()) {
      case SMART_HOST -> {
        if (routes.selection() == Selection.ROUND_ROBIN) {
          Collections.rotate(equals, -Math.floorMod(turn.getAndIncrement(), equals.size()));
        }
      }
      case DNS -> Collections.shuffle(equals, random); // RFC 5321 §5.1
    }
    List<NextHop> rest = route.hops().subList(route.best(), route.hops().size());
    return Stream.concat(equals.stream().flatMap(List::stream), rest.stream()).toList();
  }

  private static List<List<NextHop>> byHost(List<NextHop> hops) {
    List<List<NextHop>> groups = new ArrayList<>();
    for (NextHop hop : hops) {
      boolean sameAsLast =
          !groups.isEmpty()
              && groups.getLast().getLast().host().equals(hop.host())
              && groups.getLast().getLast().address().getPort() == hop.address().getPort();
      if (!sameAsLast) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(hop);
    }
    return groups;
  }
}
