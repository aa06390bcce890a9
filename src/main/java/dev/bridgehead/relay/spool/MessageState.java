package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is still to be done for a message; each one recorded replaces the one before.
 *
 * @param open groups of recipients, each recipient in at most one; those in none are settled:
 *     delivered, failed with whoever had to be told told, or handed over
 * @param unconfirmed the relay that it was taken over from may ask for it again: it stays on disk,
 *     if only for the answer
 */
public record MessageState(List<Group> open, boolean unconfirmed) {
  /** Nothing is left to be done. */
  public static final MessageState DONE = new MessageState(List.of());

  /** Of a message that nobody else asks for. */
  public MessageState(List<Group> open) {
    this(open, false);
  }

  public MessageState {
    open = List.copyOf(open);
  }

  /**
   * Recipients that are tried together.
   *
   * @param recipients indexes into the envelope's, ascending, at least one
   * @param attempts made so far
   * @param due when the next one is
   * @param hold why no attempt is made even when due
   * @param delayTold the sender was told that it takes longer
   */
  public record Group(
      List<Integer> recipients, int attempts, Instant due, Hold hold, boolean delayTold) {
    public Group {
      recipients = List.copyOf(recipients);
      if (recipients.isEmpty()) {
        throw new IllegalArgumentException("a group needs a recipient");
      }
    }

    /** The same, due at another time. */
    public Group due(Instant other) {
      return new Group(recipients, attempts, other, hold, delayTold);
    }

    /** The same, held for another reason. */
    public Group hold(Hold other) {
      return new Group(recipients, attempts, due, other, delayTold);
    }
  }

  /** Why a group waits for a person. Written to disk by its ordinal: add at the end only. */
  public enum Hold {
    NONE,
    /** A postmaster said {@code queue hold}. */
    BY_HAND,
    /** It failed, and there is nobody to tell. */
    NO_ADDRESSEE
  }

  /** Of a message that has just arrived. */
  public static MessageState fresh(Envelope envelope) {
    List<Integer> all = IntStream.range(0, envelope.recipients().size()).boxed().toList();
    return new MessageState(
        List.of(new Group(all, 0, envelope.arrived(), Hold.NONE, false)),
        envelope.origin() != null);
  }

  /** The same once nobody asks for it again, or while somebody may. */
  public MessageState unconfirmed(boolean other) {
    return new MessageState(open, other);
  }

  /** Whether it may go. */
  public boolean done() {
    return open.isEmpty() && !unconfirmed;
  }
}
