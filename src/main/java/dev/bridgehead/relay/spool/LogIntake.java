package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message on its way in: gathered in memory as long as it is small and memory is left, then in a
 * file of its own. After a failure nothing more is written: the kernel reports a failed write-back
 * once, so a second sync that succeeds proves nothing.
 */
final class LogIntake implements Intake {
  private static final Logger LOG = LoggerFactory.getLogger(LogIntake.class);

  /** Larger contents get a file; 100 KiB and what a relay adds must fit. */
  static final int MOST_INLINE = 128 << 10;

  /** Of a message whose size the client did not say. */
  private static final int FIRST_CHUNK = 8 << 10;

  /** What a relay adds to what the client announces: trace fields. */
  private static final int ADDED = 1 << 10;

  private static final int BODY_BUFFER = 16 << 10;

  private final LogSpool spool;
  private final QueueId id;
  private final boolean reserved;
  private @Nullable Chunks chunks;
  private Disk.@Nullable NewFile body;
  private final CRC32C bodyCrc = new CRC32C();
  private byte[] buffer = {};
  private int buffered;
  private int taken;
  private long size;
  private State state = State.OPEN;

  /** The log may hold its record, though nobody was told so: a sync failed. */
  private boolean written;

  private enum State {
    OPEN,
    FAILED,
    COMMITTED,
    CLOSED
  }

  LogIntake(LogSpool spool, QueueId id, boolean reserved, long declared) throws IOException {
    this.spool = spool;
    this.id = id;
    this.reserved = reserved;
    int expected = (int) (declared == 0 ? FIRST_CHUNK : Math.min(declared + ADDED, MOST_INLINE));
    if (declared + ADDED <= MOST_INLINE && spool.heap().take(expected)) {
      chunks = new Chunks(expected);
      taken = expected;
    } else {
      begin();
    }
  }

  /** Goes on in a file. */
  private Disk.NewFile begin() throws IOException {
    Disk.NewFile made = spool.disk().create(spool.layout().body(id));
    body = made;
    buffer = new byte[BODY_BUFFER];
    return made;
  }

  @Override
  public QueueId id() {
    return id;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void write(byte[] octets, int offset, int length) throws IOException {
    requireOpen();
    if (size + length > Integer.MAX_VALUE) {
      state = State.FAILED;
      throw new IOException("the message is larger than 2 GiB");
    }
    size += length;
    try {
      if (chunks != null && fits(chunks, length)) {
        chunks.add(octets, offset, length);
        return;
      }
      Disk.NewFile file = body == null ? spill() : body;
      toFile(file, octets, offset, length);
    } catch (IOException e) {
      state = State.FAILED;
      throw spool.room().explained(e);
    }
  }

  private boolean fits(Chunks memory, int more) {
    if (memory.length() + more > MOST_INLINE && !reserved) {
      return false;
    }
    int growth = memory.growth(more);
    if (growth > 0 && !spool.heap().take(growth)) {
      return false;
    }
    taken += growth;
    return true;
  }

  private Disk.NewFile spill() throws IOException {
    Disk.NewFile file = begin();
    if (chunks != null) {
      chunks.writeTo((octets, offset, length) -> toFile(file, octets, offset, length));
      chunks = null;
    }
    giveBack();
    return file;
  }

  private void toFile(Disk.NewFile file, byte[] octets, int offset, int length) throws IOException {
    bodyCrc.update(octets, offset, length);
    if (length > buffer.length - buffered) {
      flush(file);
    }
    if (length >= buffer.length) {
      write(file, octets, offset, length);
    } else {
      System.arraycopy(octets, offset, buffer, buffered, length);
      buffered += length;
    }
  }

  private void flush(Disk.NewFile file) throws IOException {
    if (buffered > 0) {
      write(file, buffer, 0, buffered);
      buffered = 0;
    }
  }

  private void write(Disk.NewFile file, byte[] octets, int offset, int length) throws IOException {
    takeRoom(length);
    try {
      file.write(octets, offset, length);
    } finally {
      giveRoom(length);
    }
  }

  private void takeRoom(int octets) throws IOException {
    if (!reserved) {
      spool.room().take(octets);
    }
  }

  private void giveRoom(int octets) {
    if (!reserved) {
      spool.room().written(octets);
    }
  }

  @Override
  public StoredMessage commit(Envelope envelope) throws IOException {
    return finished(begin(envelope, null), envelope);
  }

  @Override
  public StoredMessage commit(Envelope envelope, MessageState first) throws IOException {
    MessageAppend append = begin(EnvelopeForm.encode(envelope, first), null);
    StoredMessage stored = finished(append, envelope);
    return new StoredMessage(id, envelope, stored.size(), first);
  }

  @Override
  public StoredMessage commit(Envelope envelope, QueueId about, MessageState aboutState)
      throws IOException {
    OutcomeAppend outcome = spool.outcome(about, aboutState);
    StoredMessage notice = finished(begin(envelope, outcome), envelope);
    return notice;
  }

  /** Brings the content to where it stays, and hands over the record that will name it. */
  MessageAppend begin(Envelope envelope, @Nullable OutcomeAppend outcome) throws IOException {
    return begin(EnvelopeForm.encode(envelope), outcome);
  }

  private MessageAppend begin(byte[] envelope, @Nullable OutcomeAppend outcome) throws IOException {
    requireOpen();
    try {
      Disk.NewFile file = body;
      if (file != null) {
        flush(file);
        spool.syncBody(file);
        file.close();
      }
      Chunks content = chunks == null ? Chunks.NONE : chunks;
      takeRoom(content.length());
      MessageAppend append =
          new MessageAppend(
              spool.index(),
              id,
              file == null ? -1 : size,
              content,
              file == null ? content.crc() : (int) bodyCrc.getValue(),
              envelope,
              reserved,
              outcome);
      spool.writer().submit(append);
      return append;
    } catch (IOException e) {
      state = State.FAILED;
      throw spool.room().explained(e);
    }
  }

  /** Waits until the record is on disk. */
  StoredMessage finished(MessageAppend append, Envelope envelope) throws IOException {
    try {
      spool.writer().settle(append);
      if (append.entry == null) {
        throw new IOException("the message that the notice is about is gone from the spool");
      }
    } catch (IOException e) {
      state = State.FAILED;
      written = append.entry != null;
      throw e;
    } finally {
      giveRoom(append.content().length());
    }
    state = State.COMMITTED;
    chunks = null;
    giveBack();
    return new StoredMessage(id, envelope, size, MessageState.fresh(envelope));
  }

  @Override
  public void close() {
    if (state == State.COMMITTED || state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    chunks = null;
    giveBack();
    if (body == null || written) { // a start that reads the record finds the body, or removes it
      return;
    }
    try {
      body.close();
      spool.disk().delete(spool.layout().body(id));
    } catch (IOException e) { // the next start removes it
      LOG.warn("{} can't be removed: {}", spool.layout().body(id), e.toString());
    }
  }

  private void giveBack() {
    spool.heap().give(taken);
    taken = 0;
  }

  private void requireOpen() throws IOException {
    if (state != State.OPEN) {
      throw new IOException("the intake of " + id + " is " + state);
    }
  }
}
