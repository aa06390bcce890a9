/**
 * How the controllers write to the API server: server-side apply that never touches a stranger's
 * object, events, and the client itself. Entered by reconciler threads; depends on {@code api} and
 * {@code operator.model}.
 */
@NullMarked
package dev.bridgehead.operator.kube;

import org.jspecify.annotations.NullMarked;
