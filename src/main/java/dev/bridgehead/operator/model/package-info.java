/**
 * Pure builders: a spec goes in, the objects that should exist come out, and the decisions over
 * what was observed (conditions, the next pod to replace, whether a drain is over). No client, no
 * clock, no threads of its own; may depend on {@code api} only.
 */
@NullMarked
package dev.bridgehead.operator.model;

import org.jspecify.annotations.NullMarked;
