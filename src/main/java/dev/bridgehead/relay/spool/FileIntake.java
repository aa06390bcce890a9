package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message being written to {@code incoming}. After the first failure nothing more is written: the
 * kernel reports a failed write-back once, so a second sync that succeeds proves nothing.
 */
final class FileIntake implements Intake {
  private static final Logger LOG = LoggerFactory.getLogger(FileIntake.class);
  private static final int BUFFER = 16 << 10;
  private static final long OCTETS_BETWEEN_CHECKS = 4L << 20;

  private final FileSpool spool;
  private final QueueId id;
  private final boolean reserved;
  private final Disk.NewFile file;
  private final CRC32C crc = new CRC32C();
  private final byte[] buffer = new byte[BUFFER];
  private int buffered;
  private long size;
  private long nextCheck = OCTETS_BETWEEN_CHECKS;
  private State state = State.OPEN;

  private enum State {
    OPEN,
    FAILED,
    COMMITTED,
    CLOSED
  }

  FileIntake(FileSpool spool, QueueId id, boolean reserved) throws IOException {
    this.spool = spool;
    this.id = id;
    this.reserved = reserved;
    this.file = spool.disk().create(spool.layout().part(id));
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
    crc.update(octets, offset, length);
    size += length;
    if (length > buffer.length - buffered) {
      attempt(this::flush);
    }
    if (length >= buffer.length) {
      attempt(() -> file.write(octets, offset, length));
    } else {
      System.arraycopy(octets, offset, buffer, buffered, length);
      buffered += length;
    }
    if (size >= nextCheck && !reserved) {
      nextCheck = size + OCTETS_BETWEEN_CHECKS;
      attempt(() -> spool.room().check());
    }
  }

  @Override
  public StoredMessage commit(Envelope envelope) throws IOException {
    requireOpen();
    byte[] tail = MessageFile.tail(envelope, (int) crc.getValue());
    attempt(
        () -> {
          flush();
          file.write(tail, 0, tail.length);
          file.sync();
          file.close();
          spool.publish(id);
        });
    state = State.COMMITTED;
    StoredMessage message = new StoredMessage(id, envelope, size, MessageState.fresh(envelope));
    spool.admit(message, size + tail.length);
    return message;
  }

  @Override
  public StoredMessage commit(Envelope envelope, QueueId about, MessageState aboutState)
      throws IOException {
    StoredMessage notice = commit(envelope);
    spool.record(about, aboutState);
    return notice;
  }

  @Override
  public void close() {
    if (state == State.COMMITTED || state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    try {
      file.close();
      spool.disk().delete(spool.layout().part(id));
    } catch (IOException e) { // the next start removes it
      LOG.warn("{} can't be removed: {}", spool.layout().part(id), e.toString());
    }
  }

  private void flush() throws IOException {
    file.write(buffer, 0, buffered);
    buffered = 0;
  }

  private void requireOpen() throws IOException {
    if (state != State.OPEN) {
      throw new IOException("the intake of " + id + " is " + state);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private void attempt(Step step) throws IOException {
    try {
      step.run();
    } catch (IOException e) {
      state = State.FAILED;
      throw spool.room().explained(e);
    }
  }
}
