/**
 * HTTP for probes, metrics and the operator. Helidon threads; is told what to answer, so that it
 * depends on no other room.
 */
@NullMarked
package dev.bridgehead.relay.management;

import org.jspecify.annotations.NullMarked;
