/**
 * The domain name system, through dnsjava: MX, address, CNAME and TLSA look-ups with every answer a
 * value that says how far it is proven, never an exception. Any thread may enter and blocks for its
 * answer; depends on nothing of ours.
 */
@NullMarked
package dev.bridgehead.dns;

import org.jspecify.annotations.NullMarked;
