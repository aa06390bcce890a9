/**
 * The values that all rooms of the relay speak of: addresses, envelopes, queue ids, replies,
 * outcomes. Immutable, no threads, no I/O; depends on no other room of the relay.
 */
@NullMarked
package dev.bridgehead.relay.mail;

import org.jspecify.annotations.NullMarked;
