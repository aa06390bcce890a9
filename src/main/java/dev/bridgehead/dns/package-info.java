/**
 * The domain name system, through dnsjava: MX and address look-ups with every answer a value, never
 * an exception. Any thread may enter and blocks for its answer; depends on nothing of ours.
 */
@NullMarked
package dev.bridgehead.dns;

import org.jspecify.annotations.NullMarked;
