package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Which messages there are and where, and what each segment is still needed for. Changed under the
 * log's lock in the order of the log; messages may be looked up by anybody.
 */
final class Index {
  private final Map<QueueId, Live> messages = new ConcurrentHashMap<>();
  private final TreeMap<Long, Segment> segments = new TreeMap<>();
  private final AtomicLong liveOctets = new AtomicLong();
  private final AtomicLong bodyOctets = new AtomicLong();

  @Nullable Live get(QueueId id) {
    return messages.get(id);
  }

  int count() {
    return messages.size();
  }

  Iterable<Live> all() {
    return messages.values();
  }

  /** Octets that the live messages need. */
  long liveOctets() {
    return liveOctets.get();
  }

  /** Octets of all files. */
  long octets() {
    long sum = bodyOctets.get();
    for (Segment segment : segments()) {
      sum += segment.size;
    }
    return sum;
  }

  void bodyGone(long size) {
    bodyOctets.addAndGet(-size);
  }

  List<Segment> segments() {
    synchronized (segments) {
      return new ArrayList<>(segments.values());
    }
  }

  @Nullable Segment segment(long id) {
    synchronized (segments) {
      return segments.get(id);
    }
  }

  void add(Segment segment) {
    synchronized (segments) {
      segments.put(segment.id, segment);
    }
  }

  /** A segment is gone, durably. */
  void remove(Segment segment) {
    synchronized (segments) {
      segments.remove(segment.id);
      segments.values().forEach(other -> other.forgetTombstones(segment.id));
    }
  }

  void insert(Live live) {
    messages.put(live.id, live);
    live.segment.messages++;
    live.segment.octets += live.length;
    liveOctets.addAndGet(live.octets());
    if (live.body) {
      bodyOctets.addAndGet(live.size);
    }
  }

  void move(Live live, Segment to, int offset, int length) {
    live.segment.messages--;
    live.segment.octets -= live.length;
    live.moveTo(to, offset, length);
    to.messages++;
    to.octets += length;
  }

  void state(Live live, Segment in, int offset) {
    if (live.stateSegment != null) {
      live.stateSegment.states--;
    }
    live.stateSegment = in;
    live.stateOffset = offset;
    in.states++;
  }

  /** The message is gone, as an outcome says that is in the log. */
  void remove(Live live) {
    if (messages.remove(live.id) == null) {
      return;
    }
    live.segment.messages--;
    live.segment.octets -= live.length;
    if (live.stateSegment != null) {
      live.stateSegment.states--;
    }
    liveOctets.addAndGet(-live.octets());
  }
}
