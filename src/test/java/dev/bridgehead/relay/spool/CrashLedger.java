package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the spool promised up to some moment, and whether a disk keeps it. Filled from the recorded
 * sequence, so that it knows as much as clients and queue knew at the crash.
 */
final class CrashLedger {
  /** A message, as its client or the queue saw it. */
  static final class Known {
    final Envelope envelope;
    final byte[] content;
    boolean accepted;
    boolean endAsked;
    boolean ended;
    boolean endSynced;

    /** The notice that came with its end. */
    @Nullable QueueId notice;

    /** States asked for, oldest first; null is the state it came with. */
    final List<@Nullable MessageState> asked = new ArrayList<>();

    /** How many of them were recorded, and how many are surely on disk. */
    int recorded = 1;

    int synced = 1;

    Known(Envelope envelope, byte[] content) {
      this.envelope = envelope;
      this.content = content;
      asked.add(null);
    }
  }

  private final Map<QueueId, Known> known = new HashMap<>();

  void asked(QueueId id, Envelope envelope, byte[] content) {
    known.put(id, new Known(envelope, content));
  }

  Known of(QueueId id) {
    Known message = known.get(id);
    if (message == null) {
      throw new AssertionError(id + " was never offered");
    }
    return message;
  }

  /** A sync has returned. */
  void synced() {
    for (Known message : known.values()) {
      message.endSynced |= message.ended;
      message.synced = message.recorded;
    }
  }

  /**
   * Compares with what a start found.
   *
   * @param killed the kernel lost nothing: each recorded outcome must be there
   * @return what is there
   */
  Set<QueueId> check(LogSpool spool, boolean killed) throws IOException {
    if (spool.quarantined() > 0) {
      throw new AssertionError("a crash was taken for damage");
    }
    Map<QueueId, StoredMessage> found = new HashMap<>();
    for (StoredMessage message : Spools.recovered(spool)) {
      if (found.put(message.id(), message) != null) {
        throw new AssertionError(message.id() + " was handed over twice");
      }
    }
    Set<QueueId> present = Set.copyOf(found.keySet());
    for (Map.Entry<QueueId, Known> each : known.entrySet()) {
      StoredMessage message = found.remove(each.getKey());
      if (message == null) {
        absent(each.getKey(), each.getValue());
      } else {
        present(spool, message, each.getValue(), killed);
      }
    }
    if (!found.isEmpty()) {
      throw new AssertionError("nobody ever offered " + found.keySet());
    }
    checkNotices(present);
    return present;
  }

  private void absent(QueueId id, Known message) {
    if (message.accepted && !message.endAsked) {
      throw new AssertionError(id + " was accepted and is lost");
    }
  }

  private void present(LogSpool spool, StoredMessage found, Known message, boolean killed)
      throws IOException {
    if (message.endSynced || killed && message.ended) {
      throw new AssertionError(found.id() + " came back");
    }
    if (!found.envelope().equals(message.envelope)) {
      throw new AssertionError(found.id() + " has another envelope");
    }
    checkContent(spool, found.id());
    int oldest = killed ? message.recorded : message.synced;
    MessageState fresh = MessageState.fresh(message.envelope);
    for (int i = oldest - 1; i < message.asked.size(); i++) {
      MessageState asked = message.asked.get(i);
      if (found.state().equals(asked == null ? fresh : asked)) {
        return;
      }
    }
    throw new AssertionError(found.id() + " has a state it no longer had: " + found.state());
  }

  /** Whether a message reads as it was offered. */
  void checkContent(LogSpool spool, QueueId id) throws IOException {
    try (InputStream content = spool.content(id)) {
      if (!Arrays.equals(content.readAllBytes(), of(id).content)) {
        throw new AssertionError(id + " has another content");
      }
    }
  }

  /** Nothing was given up whose sender was not told: the notice is there, or was dealt with. */
  private void checkNotices(Set<QueueId> present) {
    known.forEach(
        (id, message) -> {
          QueueId notice = message.notice;
          if (notice != null
              && !present.contains(id)
              && !present.contains(notice)
              && !of(notice).endAsked) {
            throw new AssertionError(id + " was given up, and its notice " + notice + " is lost");
          }
        });
  }
}
