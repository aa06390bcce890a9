package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;

/**
 * A message of the spool.
 *
 * @param size octets of the content
 */
public record StoredMessage(QueueId id, Envelope envelope, long size, MessageState state) {}
