/**
 * What one relay runs, as values with every default filled in, and the one place where it changes
 * while running. Depends on {@code api}, {@code validation} and {@code manifest}.
 */
@NullMarked
package dev.bridgehead.relay.config;

import org.jspecify.annotations.NullMarked;
