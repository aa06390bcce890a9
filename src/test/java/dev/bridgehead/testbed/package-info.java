/**
 * Real things for tests to run against: an API server (tier 2), mail servers and DNS (tier 3), a
 * whole Kubernetes node (tier 4). A fixture that can't run here says what is missing and skips the
 * test, or fails it where {@code CI=true}: see {@link dev.bridgehead.testbed.Tier}. Processes end
 * with the JVM, however it ends.
 */
@NullMarked
package dev.bridgehead.testbed;

import org.jspecify.annotations.NullMarked;
