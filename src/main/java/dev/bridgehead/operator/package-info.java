/**
 * The operator process: two controllers on the Java Operator SDK, each in a room of its own, the
 * builders in {@code model}, and the {@code election} of the replica that runs them. Knows relays
 * by their image, arguments and management API only.
 */
@NullMarked
package dev.bridgehead.operator;

import org.jspecify.annotations.NullMarked;
