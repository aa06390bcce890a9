package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * One message for some of its recipients, all at one destination.
 *
 * @param recipients those of the envelope that are still open and lie at the destination
 * @param size octets of the content
 * @param content opens the content anew each time: CRLF line ends, not dot-stuffed
 * @param progress is told of deliveries while others are still open
 */
public record Attempt(
    QueueId id,
    Envelope envelope,
    Destination destination,
    List<MailAddress> recipients,
    long size,
    ContentSource content,
    Progress progress) {
  /** An attempt of which only the end counts. */
  public Attempt(
      QueueId id,
      Envelope envelope,
      Destination destination,
      List<MailAddress> recipients,
      long size,
      ContentSource content) {
    this(id, envelope, destination, recipients, size, content, _ -> {});
  }

  /** Opens a message's content. */
  @FunctionalInterface
  public interface ContentSource {
    InputStream open() throws IOException;
  }

  /**
   * Told as soon as some recipients have the message, where the attempt goes on for others: a
   * second host may take minutes, and a crash meanwhile must not forget the first.
   */
  @FunctionalInterface
  public interface Progress {
    /**
     * @param recipients by their index among the attempt's recipients
     */
    void delivered(Map<Integer, Outcome.Delivered> recipients);
  }
}
