/**
 * Notices to senders (RFC 3464). Pure: a message and its outcomes in, a notice out; depends on
 * {@code mail} only.
 */
@NullMarked
package dev.bridgehead.relay.bounce;

import org.jspecify.annotations.NullMarked;
