/**
 * Mail that changes hands between pods of one bridgehead, when one of them is drained: who they
 * are, what is said between them, and what is remembered of it.
 */
@NullMarked
package dev.bridgehead.relay.handover;

import org.jspecify.annotations.NullMarked;
