/**
 * From a recipient to a destination, from a destination to next hops in order. Pure but for DNS
 * look-ups; depends on {@code mail}, {@code config} and {@code dns}.
 */
@NullMarked
package dev.bridgehead.relay.routing;

import org.jspecify.annotations.NullMarked;
