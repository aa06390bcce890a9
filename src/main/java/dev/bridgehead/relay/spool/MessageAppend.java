package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import org.jspecify.annotations.Nullable;

/** A message that enters the spool, perhaps a notice with the outcome that it tells of. */
final class MessageAppend extends Append {
  private final Index index;
  private final QueueId id;
  private final long size;
  private final boolean body;
  private final boolean reserved;
  private final byte[] envelope;
  private final Chunks content;
  private final int contentCrc;
  private final @Nullable OutcomeAppend outcome;

  /**
   * @param body octets of the body file; -1 where the content is in memory
   */
  MessageAppend(
      Index index,
      QueueId id,
      long body,
      Chunks content,
      int contentCrc,
      byte[] envelope,
      boolean reserved,
      @Nullable OutcomeAppend outcome) {
    this.index = index;
    this.id = id;
    this.body = body >= 0;
    this.size = body >= 0 ? body : content.length();
    this.content = content;
    this.contentCrc = contentCrc;
    this.envelope = envelope;
    this.reserved = reserved;
    this.outcome = outcome;
  }

  @Override
  boolean reserved() {
    return reserved;
  }

  @Override
  @Nullable Entry at(Segment in, int offset) {
    Entry.Outcome told = null;
    if (outcome != null) {
      told = outcome.told();
      if (told == null) {
        return null;
      }
    }
    return new Entry(
        offset,
        Entry.MESSAGE,
        (body ? Entry.BODY : 0) | (told == null ? 0 : Entry.OUTCOME),
        Entry.messageMeta(id, body ? size : -1, told, envelope),
        content.length(),
        contentCrc);
  }

  @Override
  Chunks content() {
    return content;
  }

  @Override
  void written(Segment in, Entry as) {
    if (outcome != null) {
      outcome.settling(true);
    }
  }

  @Override
  void durable(Segment in, Entry as) {
    index.insert(new Live(id, (int) size, body, in, as.offset(), as.length()));
    if (outcome != null) {
      outcome.settling(false);
      outcome.written(in, as);
      outcome.durable(in, as);
    }
  }

  @Override
  void lost() {
    if (outcome != null) {
      outcome.settling(false);
    }
  }
}
