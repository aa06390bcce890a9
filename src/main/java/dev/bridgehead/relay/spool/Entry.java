package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A record of the log without its content.
 *
 * @param offset in the segment
 * @param type one of the constants
 * @param flags of the constants, for {@link #MESSAGE}
 * @param meta what it tells, see {@link #told}
 * @param inline octets of content that follow
 * @param contentCrc CRC-32C of the content, inline or in a body file
 */
record Entry(int offset, int type, int flags, byte[] meta, int inline, int contentCrc) {
  /** Octets before {@code meta}. */
  static final int HEADER = 20;

  static final int MOST_META = 64 << 20;

  static final int MESSAGE = 1;
  static final int STATE = 2;
  static final int DONE = 3;

  /** The content lies in a file of its own. */
  static final int BODY = 1;

  /** A notice: the record also holds the outcome that it tells of. */
  static final int OUTCOME = 2;

  /** Copied from an older segment. */
  static final int MOVED = 4;

  int length() {
    return HEADER + meta.length + inline;
  }

  /** Offset of the content in the segment. */
  int contentOffset() {
    return offset + HEADER + meta.length;
  }

  /** The header; its last four octets are the checksum of all before and of {@code meta}. */
  byte[] header(Checksum checksum, long segment) {
    ByteBuffer out = ByteBuffer.allocate(HEADER);
    out.put((byte) type).put((byte) flags).putShort((short) 0);
    out.putInt(meta.length).putInt(inline).putInt(contentCrc);
    out.putInt(checksum.of(segment, offset, out.array(), HEADER - 4, meta));
    return out.array();
  }

  /** What a record says. */
  sealed interface Told {
    /**
     * A message.
     *
     * @param size octets of its content
     * @param outcome what it settles for another message, null where it is no such notice
     */
    record Message(
        QueueId id,
        long size,
        boolean body,
        boolean moved,
        @Nullable Outcome outcome,
        byte[] envelope)
        implements Told {}

    /**
     * The state of a message from now on.
     *
     * @param state in the form of {@link StateForm}
     */
    record State(QueueId id, byte[] state) implements Told {}

    /**
     * A message is gone.
     *
     * @param segment where its record was
     */
    record Done(QueueId id, long segment) implements Told {}
  }

  /**
   * What a notice settles.
   *
   * @param state empty: the message is gone
   * @param segment where its record was
   */
  record Outcome(QueueId about, byte[] state, long segment) {}

  static byte[] messageMeta(QueueId id, long bodySize, @Nullable Outcome outcome, byte[] envelope) {
    Octets.Writer out = new Octets.Writer(64 + envelope.length);
    out.id(id);
    if (bodySize >= 0) {
      out.int64(bodySize);
    }
    if (outcome != null) {
      out.id(outcome.about);
      out.block(outcome.state);
      out.int64(outcome.segment);
    }
    out.write(envelope, 0, envelope.length);
    return out.toByteArray();
  }

  static byte[] stateMeta(QueueId id, byte[] state) {
    Octets.Writer out = new Octets.Writer(24 + state.length);
    out.id(id);
    out.write(state, 0, state.length);
    return out.toByteArray();
  }

  static byte[] doneMeta(QueueId id, long segment) {
    Octets.Writer out = new Octets.Writer(32);
    out.id(id);
    out.int64(segment);
    return out.toByteArray();
  }

  /**
   * @throws DamagedFileException where a later version wrote it, or something else
   */
  Told told() throws DamagedFileException {
    return Octets.read(
        meta,
        in -> {
          QueueId id = Octets.id(in);
          return switch (type) {
            case MESSAGE -> message(id, in);
            case STATE -> new Told.State(id, Octets.rest(in));
            case DONE -> new Told.Done(id, in.getLong());
            default -> throw new DamagedFileException("a record of type " + type);
          };
        });
  }

  private Told.Message message(QueueId id, ByteBuffer in) throws DamagedFileException {
    boolean body = (flags & BODY) != 0;
    long size = body ? in.getLong() : inline;
    if (size < 0) {
      throw new DamagedFileException("a size below 0");
    }
    Outcome outcome =
        (flags & OUTCOME) == 0 ? null : new Outcome(Octets.id(in), Octets.block(in), in.getLong());
    return new Told.Message(id, size, body, (flags & MOVED) != 0, outcome, Octets.rest(in));
  }
}
