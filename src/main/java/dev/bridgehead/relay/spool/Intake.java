package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;

/**
 * A message on its way into the spool. Used by one thread; closed without {@link #commit}, it
 * leaves nothing behind.
 */
public interface Intake extends AutoCloseable {
  /** The message's name, fixed from the start: the Received field carries it. */
  QueueId id();

  /** Appends content: CRLF line ends, not dot-stuffed. */
  void write(byte[] octets, int offset, int length) throws IOException;

  /** Octets written so far. */
  long size();

  /**
   * Makes the message durable. After this returns it survives kill -9, power loss and the pod's
   * death.
   *
   * @throws IOException where it is not on disk: the client must be told 451 or 452
   */
  StoredMessage commit(Envelope envelope) throws IOException;

  /**
   * Makes a message durable that was taken over from another relay, with its origin in the
   * envelope.
   *
   * @param state in which it comes
   */
  StoredMessage commit(Envelope envelope, MessageState state) throws IOException;

  /**
   * Makes a notice durable together with the outcome that it tells of: after a crash both are there
   * or neither.
   *
   * @param about the message whose recipients were given up
   * @param state of that message from now on
   */
  StoredMessage commit(Envelope envelope, QueueId about, MessageState state) throws IOException;

  @Override
  void close();
}
