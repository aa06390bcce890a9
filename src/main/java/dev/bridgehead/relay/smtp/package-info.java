/**
 * The server side of SMTP. One virtual thread per session, blocking code; depends on {@code mail},
 * {@code spool} and {@code config}.
 */
@NullMarked
package dev.bridgehead.relay.smtp;

import org.jspecify.annotations.NullMarked;
