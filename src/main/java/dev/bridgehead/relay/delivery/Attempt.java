package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * One message for some of its recipients, all at one destination.
 *
 * @param recipients those of the envelope that are still open and lie at the destination
 * @param size octets of the content
 * @param content opens the content anew each time: CRLF line ends, not dot-stuffed
 */
public record Attempt(
    QueueId id,
    Envelope envelope,
    Destination destination,
    List<MailAddress> recipients,
    long size,
    ContentSource content) {
  /** Opens a message's content. */
  @FunctionalInterface
  public interface ContentSource {
    InputStream open() throws IOException;
  }
}
