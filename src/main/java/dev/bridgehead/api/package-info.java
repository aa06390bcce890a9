/**
 * The custom resources as records: spec and status, and what an absent field means. Nothing else
 * lives here; it depends on nothing of ours. Components are null where the field was absent: the
 * {@code …OrDefault()} methods are the only place that knows defaults.
 */
@NullMarked
package dev.bridgehead.api;

import org.jspecify.annotations.NullMarked;
