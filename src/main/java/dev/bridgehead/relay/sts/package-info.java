/**
 * MTA-STS (RFC 8461): what a domain says about the TLS of its mail exchangers, found by DNS and
 * HTTPS, kept in memory and on disk. Delivery's threads ask and block for an answer; a thread of
 * its own refreshes. Depends on {@code routing} for addresses that may be connected, on {@code
 * spool} for the disk, on {@code config} and {@code dns}.
 */
@NullMarked
package dev.bridgehead.relay.sts;

import org.jspecify.annotations.NullMarked;
