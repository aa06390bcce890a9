/**
 * The operator process: two controllers on the Java Operator SDK, each in a room of its own, and
 * the builders in {@code model}. Knows relays by their image, arguments and management API only.
 */
@NullMarked
package dev.bridgehead.operator;

import org.jspecify.annotations.NullMarked;
