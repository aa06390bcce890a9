package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import org.jspecify.annotations.Nullable;

/**
 * Where a message that is not gone lies: some fifty octets, for a million of them. Changed under
 * the log's lock and this object's monitor; read under either.
 */
final class Live {
  final QueueId id;

  /** Of the content; maxMessageSize is at most 1 GiB. */
  final int size;

  final boolean body;

  /** The segment of its record. */
  Segment segment;

  int offset;
  int length;

  /** The segment of its current state's record, null as long as it has none. */
  @Nullable Segment stateSegment;

  int stateOffset;

  /** The current state between the start and the hand-over to the queue. */
  byte @Nullable [] recovered;

  /** A notice that settles it is being synced: whoever copies it now would undo that. */
  boolean settling;

  Live(QueueId id, int size, boolean body, Segment segment, int offset, int length) {
    this.id = id;
    this.size = size;
    this.body = body;
    this.segment = segment;
    this.offset = offset;
    this.length = length;
  }

  synchronized void moveTo(Segment to, int at, int octets) {
    segment = to;
    offset = at;
    length = octets;
  }

  /** Octets on disk that it needs. */
  long octets() {
    return length + (body ? (long) size : 0);
  }
}
