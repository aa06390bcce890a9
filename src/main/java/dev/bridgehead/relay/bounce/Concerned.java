package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.Outcome;

/**
 * A recipient that a notice is about.
 *
 * @param recipient its index in the original's envelope
 * @param outcome the last one: {@code Failed}, {@code Deferred} or {@code Delivered} as the
 *     notice's kind says
 */
public record Concerned(int recipient, Outcome outcome) {}
