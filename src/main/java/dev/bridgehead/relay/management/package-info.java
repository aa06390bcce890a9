/**
 * HTTP for probes, metrics and the operator. Helidon threads; depends on {@code queue} and {@code
 * config}.
 */
@NullMarked
package dev.bridgehead.relay.management;

import org.jspecify.annotations.NullMarked;
