package dev.bridgehead.relay.mail;

import java.time.Instant;
import java.util.UUID;

/**
 * Which message of which other relay a message was, before it was handed over.
 *
 * @param spool of that relay
 * @param id the message's there
 * @param taken when it was taken over
 */
public record Origin(UUID spool, QueueId id, Instant taken) {}
