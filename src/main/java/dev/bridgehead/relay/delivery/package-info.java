/**
 * One attempt to hand one message to a next hop: connect, speak SMTP, read a result per recipient.
 * Runs on the virtual thread of the attempt; depends on {@code mail}, {@code config} and {@code
 * routing}.
 */
@NullMarked
package dev.bridgehead.relay.delivery;

import org.jspecify.annotations.NullMarked;
