package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Messages on disk. A message exists once {@link Intake#commit} has returned; it is gone once every
 * recipient has a final outcome. All methods may be called by any thread.
 */
public interface Spool extends AutoCloseable {
  /**
   * Begins a message.
   *
   * @throws SpoolFullException where there is no room (452 4.3.1)
   * @throws IOException where the disk fails (451 4.3.0)
   */
  Intake open() throws IOException;

  /**
   * Begins one of the relay's own notices, which may use the room that is kept from clients:
   * without it, a full spool could not even return what it can't deliver.
   *
   * @throws IOException as {@link #open}
   */
  Intake openNotice() throws IOException;

  /** Every message that was there when the spool was opened, oldest first. */
  List<StoredMessage> recovered();

  /** Opens a message's content: CRLF line ends, not dot-stuffed, no terminator. */
  InputStream content(QueueId id) throws IOException;

  /**
   * Records what an attempt came to. Recipients that are delivered or failed are settled; a message
   * with none left is removed.
   *
   * @param settled indexes into the envelope's recipients
   * @param attempts made so far for the others
   * @param nextAttempt when the others are due
   */
  void record(QueueId id, Set<Integer> settled, int attempts, Instant nextAttempt)
      throws IOException;

  @Override
  void close() throws IOException;
}
