package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What tests ask of spools. */
public final class Spools {
  private Spools() {}

  /** Every message that was there when the spool was opened. */
  public static List<StoredMessage> recovered(Spool spool) throws IOException {
    List<StoredMessage> found = new ArrayList<>();
    spool.recover(found::add);
    return found;
  }

  /** One group of all recipients but the settled ones. */
  public static MessageState state(
      int recipients, Set<Integer> settled, int attempts, Instant due) {
    List<Integer> open =
        IntStream.range(0, recipients).filter(it -> !settled.contains(it)).boxed().toList();
    return open.isEmpty()
        ? MessageState.DONE
        : new MessageState(
            List.of(new MessageState.Group(open, attempts, due, MessageState.Hold.NONE, false)));
  }

  /** Recipients for whom nothing is left to be done. */
  public static Set<Integer> settled(StoredMessage message) {
    Set<Integer> settled =
        new HashSet<>(IntStream.range(0, message.envelope().recipients().size()).boxed().toList());
    message.state().open().forEach(group -> settled.removeAll(Set.copyOf(group.recipients())));
    return settled;
  }
}
