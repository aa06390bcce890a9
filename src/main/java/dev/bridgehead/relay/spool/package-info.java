/**
 * Messages on disk: what {@code 250} promises. Session threads append, delivery threads record
 * outcomes; depends on {@code mail} only.
 */
@NullMarked
package dev.bridgehead.relay.spool;

import org.jspecify.annotations.NullMarked;
