package dev.bridgehead.dns;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Record;

/**
 * What was looked up, until its time to live is over: the peer says how long, within bounds of
 * ours. The least recently asked for goes where there are too many. Any thread may enter.
 */
final class AnswerCache {
  static final int MAX_ENTRIES = 10_000;

  /** Of all entries. A reply may hold thousands of records, or one of 64 KiB. */
  static final int MAX_SIZE = 16 << 20;

  /** Roughly what an entry or a record takes beside its data, a long name in it included. */
  private static final int OVERHEAD = 256;

  /** Also where a zone says 0: a burst of mail shall not become a burst of questions. */
  static final Duration SHORTEST = Duration.ofSeconds(5);

  static final Duration LONGEST = Duration.ofHours(1);
  static final Duration LONGEST_DENIAL = Duration.ofMinutes(5);

  /** RFC 9520 §3.2: a failure is remembered, for at least a second and at most five minutes. */
  static final Duration FAILURE = Duration.ofSeconds(2);

  private final InstantSource clock;
  private final Map<Question, Kept> entries = new LinkedHashMap<>(64, 0.75f, true);
  private int size; // guarded by entries

  /**
   * @param size octets, roughly
   */
  private record Kept(Lookup<Record> lookup, Instant until, int size) {}

  AnswerCache(InstantSource clock) {
    this.clock = clock;
  }

  @Nullable Lookup<Record> get(Question question) {
    synchronized (entries) {
      Kept entry = entries.get(question);
      if (entry == null) {
        return null;
      }
      if (clock.instant().isBefore(entry.until())) {
        return entry.lookup();
      }
      remove(question);
      return null;
    }
  }

  /**
   * @param ttl seconds, as the peer says
   */
  void put(Question question, Lookup<Record> lookup, long ttl) {
    Duration lifetime =
        switch (lookup.answer()) {
          case Answer.Found<Record> _ -> within(ttl, LONGEST);
          case Answer.NoData<Record>() -> within(ttl, LONGEST_DENIAL);
          case Answer.NameError<Record>() -> within(ttl, LONGEST_DENIAL);
          case Answer.TemporaryFailure<Record> _ -> FAILURE;
        };
    Kept kept = new Kept(lookup, clock.instant().plus(lifetime), size(lookup));
    synchronized (entries) {
      remove(question);
      entries.put(question, kept);
      size += kept.size();
      Iterator<Kept> leastUsed = entries.values().iterator();
      while (entries.size() > MAX_ENTRIES || size > MAX_SIZE) {
        size -= leastUsed.next().size();
        leastUsed.remove();
      }
    }
  }

  private void remove(Question question) {
    Kept gone = entries.remove(question);
    size -= gone == null ? 0 : gone.size();
  }

  private static int size(Lookup<Record> lookup) {
    int size = OVERHEAD;
    if (lookup.answer() instanceof Answer.Found<Record>(List<Record> records)) {
      for (Record record : records) {
        size += OVERHEAD + record.rdataToWireCanonical().length;
      }
    }
    return size;
  }

  private static Duration within(long ttl, Duration longest) {
    return Duration.ofSeconds(Math.clamp(ttl, SHORTEST.toSeconds(), longest.toSeconds()));
  }
}
