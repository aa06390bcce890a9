/**
 * The relay: {@code smtp → spool → queue → routing → delivery → bounce}, put together and taken
 * down here. Knows no Kubernetes client.
 */
@NullMarked
package dev.bridgehead.relay;

import org.jspecify.annotations.NullMarked;
