/**
 * What one relay runs, as values with every default filled in, and the one place where it changes
 * while running; one thread watches a mounted folder. Depends on {@code api}, {@code validation},
 * {@code manifest} and {@code mail}.
 */
@NullMarked
package dev.bridgehead.relay.config;

import org.jspecify.annotations.NullMarked;
