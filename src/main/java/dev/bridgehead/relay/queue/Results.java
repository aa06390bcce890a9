package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.spool.StoredMessage;
import java.util.List;
import java.util.Optional;

/**
 * What an attempt came to, for the queue to act on. Together the three lists are the parcel's
 * recipients.
 *
 * @param settled delivered, or failed with a notice that is on disk
 * @param deferred to be tried again
 * @param held failed with nobody to tell
 * @param notice to be queued
 */
record Results(
    List<Integer> settled,
    List<Integer> deferred,
    List<Integer> held,
    Optional<StoredMessage> notice,
    Lane.HostState host) {
  /** Nothing came of it. */
  static Results deferred(List<Integer> recipients) {
    return new Results(List.of(), recipients, List.of(), Optional.empty(), Lane.HostState.ANSWERED);
  }
}
