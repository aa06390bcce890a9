package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import java.time.Instant;
import java.util.Set;

/**
 * A message of the spool.
 *
 * @param size octets of the content
 * @param settled indexes of recipients that need no further attempt
 * @param attempts made so far
 * @param nextAttempt when it is due
 */
public record StoredMessage(
    QueueId id,
    Envelope envelope,
    long size,
    Set<Integer> settled,
    int attempts,
    Instant nextAttempt) {
  public StoredMessage {
    settled = Set.copyOf(settled);
  }
}
