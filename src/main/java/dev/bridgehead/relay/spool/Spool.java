package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Messages on disk. A message exists once {@link Intake#commit} has returned; it is gone once its
 * state is {@link MessageState#DONE}. All methods may be called by any thread.
 */
public interface Spool extends AutoCloseable {
  /**
   * Begins a message.
   *
   * @param declared octets that the client announced (SIZE), 0 where it did not
   * @throws SpoolFullException where there is no room (452 4.3.1)
   * @throws IOException where the disk fails (451 4.3.0)
   */
  Intake open(long declared) throws IOException;

  /**
   * Begins a message that is taken over from another relay. Its name sorts by its arrival there.
   *
   * @param size octets of its content
   * @throws IOException as {@link #open}
   */
  Intake takeOver(long size, Instant arrived) throws IOException;

  /**
   * Begins one of the relay's own notices, which may use the room that is kept from clients:
   * without it, a full spool could not even return what it can't deliver.
   *
   * @throws IOException as {@link #open}
   */
  Intake openNotice() throws IOException;

  /**
   * Hands over every message that was there when the spool was opened, oldest first, one at a time.
   * To be called once.
   */
  void recover(Consumer<StoredMessage> each) throws IOException;

  /** Reads a message's envelope again: nobody has to keep a million of them in memory. */
  Envelope envelope(QueueId id) throws IOException;

  /** Opens a message's content: CRLF line ends, not dot-stuffed, no terminator. */
  InputStream content(QueueId id) throws IOException;

  /**
   * Records what is still to be done for a message; with {@link MessageState#DONE} it is removed.
   * Returns once the kernel has it, so that kill -9 keeps it; it is on disk within a second.
   */
  void record(QueueId id, MessageState state) throws IOException;

  /** Returns once everything recorded before is on disk. */
  void sync() throws IOException;

  /**
   * Whether no message whose {@link Intake#commit} failed before this call is found by any start.
   * False after a failure of the disk, as long as it can't be written down what of it does not
   * count; after a defect until a restart.
   */
  boolean failuresAreFinal();

  @Override
  void close() throws IOException;
}
