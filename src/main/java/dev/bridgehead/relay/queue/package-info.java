/**
 * Which message is due when, for which destination; what became of it; what a postmaster sees and
 * does. One scheduler thread, a virtual thread per attempt under way, and whoever hands messages
 * over or asks; one lock, in {@code Ledger}. Depends on {@code mail}, {@code config}, {@code
 * spool}, {@code routing}, {@code delivery} and {@code bounce}.
 */
@NullMarked
package dev.bridgehead.relay.queue;

import org.jspecify.annotations.NullMarked;
