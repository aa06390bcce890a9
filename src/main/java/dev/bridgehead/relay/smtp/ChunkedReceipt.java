package dev.bridgehead.relay.smtp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * BDAT (RFC 3030): a message in chunks, each with its size before it. Whatever is wrong with a
 * chunk, as many octets as it announced are read and dropped, so that none of them runs as a
 * command; where that would be more than any message may have, the session ends instead. After a
 * refused chunk the others are refused with the same reply, up to LAST or RSET: a message with a
 * hole is none. One for each session, used by its thread.
 */
final class ChunkedReceipt implements AutoCloseable {
  private static final OctetSink NOWHERE = (octets, offset, length) -> {};

  private final Surroundings around;
  private final ClientInput input;
  private MessageReceipt.@Nullable Chunked message;
  private @Nullable Answer failure;
  private long dropped;

  ChunkedReceipt(Surroundings around, ClientInput input) {
    this.around = around;
    this.input = input;
  }

  /**
   * What a chunk came to.
   *
   * @param ended the transaction is over
   * @param idle brought no message further: such chunks without end keep a session for nothing
   */
  record Result(Answer answer, boolean ended, boolean idle) {}

  /** Whether the transaction has had a chunk: no other recipient, and no DATA, may follow. */
  boolean begun() {
    return message != null || failure != null;
  }

  /**
   * Receives a chunk.
   *
   * @throws RefusedException where the command itself is faulty
   * @throws IOException where the client's connection failed: nothing is accepted then
   */
  Result receive(String argument, Client client, @Nullable Transaction transaction)
      throws RefusedException, IOException {
    ChunkCommand chunk = ChunkCommand.parse(argument);
    if (transaction == null) {
      dropped = 0;
      Answer answer = Answer.refused(Refusal.BAD_SEQUENCE, 503, 5, 1, "send MAIL first");
      return new Result(drop(chunk, answer), false, false);
    }
    Answer earlier = failure;
    Answer answer =
        earlier == null
            ? take(chunk, client, transaction)
            : drop(chunk, new Answer(earlier.reply(), Refusal.EARLIER_CHUNK, false));
    boolean idle = earlier != null || (chunk.size() == 0 && !chunk.last());
    if (chunk.last()) {
      close();
    }
    return new Result(answer, chunk.last(), idle);
  }

  private Answer take(ChunkCommand chunk, Client client, Transaction transaction)
      throws IOException {
    if (!transaction.hasRecipients()) {
      return fail(chunk, Answer.refused(Refusal.BAD_SEQUENCE, 554, 5, 1, "no valid recipients"));
    }
    MessageReceipt.Chunked receiving = message;
    if (receiving == null) {
      try {
        receiving = new MessageReceipt(around, client, transaction).chunked();
        message = receiving;
      } catch (IOException full) {
        return fail(chunk, MessageReceipt.spoolFailed(full));
      }
    }
    if (chunk.size() > receiving.room()) {
      return fail(chunk, receiving.tooBig());
    }
    receiving.read(chunk.size(), input);
    Answer answer = chunk.last() ? receiving.verdict() : receiving.soFar();
    if (!answer.reply().positive()) {
      remember(answer);
    }
    return answer;
  }

  private Answer fail(ChunkCommand chunk, Answer why) throws IOException {
    remember(why);
    return drop(chunk, why);
  }

  /** What is refused needs no room on the disk any more. */
  private void remember(Answer why) {
    close();
    failure = why;
  }

  private Answer drop(ChunkCommand chunk, Answer why) throws IOException {
    long most = MessageReceipt.OVERSHOOT * around.config().get().listening().maxMessageBytes();
    if (chunk.size() > most - dropped) {
      return why.closing();
    }
    dropped += chunk.size();
    input.readChunk(chunk.size(), NOWHERE, around.limits(), System.nanoTime(), 0);
    return why;
  }

  /** Forgets the message that has not come to its end, if there is one. */
  @Override
  public void close() {
    MessageReceipt.Chunked unfinished = message;
    if (unfinished != null) {
      unfinished.close();
    }
    message = null;
    failure = null;
    dropped = 0;
  }
}
