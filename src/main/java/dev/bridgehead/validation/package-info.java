/**
 * The rules: a connector's spec in, field errors and warnings out, and the parsers of the values it
 * holds (names, addresses, address spaces), which the relay uses too. Pure and total: no I/O, no
 * clock, never an exception but for the parsers' {@link IllegalArgumentException}; any thread. May
 * depend on {@code api} only.
 */
@NullMarked
package dev.bridgehead.validation;

import org.jspecify.annotations.NullMarked;
