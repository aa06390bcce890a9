package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Reason;

/**
 * Why most of the mail that was put off is still here.
 *
 * @param messages that wait for this
 * @param nextHop who was asked, or where nobody was, the destination: {@code smart hosts}, or a
 *     domain; at most 253 characters
 * @param text what was said to the oldest of them, one line of at most 250 characters without
 *     control characters: no words of a reply to a password, and nobody's address
 */
public record Deferral(
    long messages, String nextHop, Reason reason, EnhancedStatus status, String text) {}
