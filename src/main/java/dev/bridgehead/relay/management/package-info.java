/**
 * HTTP for probes, metrics, the operator and the tools of a postmaster. Helidon threads; is told
 * what to answer, and asks the queue; depends on {@code queue} and what its records are made of.
 */
@NullMarked
package dev.bridgehead.relay.management;

import org.jspecify.annotations.NullMarked;
