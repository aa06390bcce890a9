/**
 * Which message is due when, for which destination. One scheduler thread and one virtual thread per
 * attempt; depends on {@code mail}, {@code config}, {@code spool}, {@code routing}, {@code
 * delivery} and {@code bounce}.
 */
@NullMarked
package dev.bridgehead.relay.queue;

import org.jspecify.annotations.NullMarked;
