/**
 * Which replica acts: an elector over one coordination.k8s.io Lease, and the fence that keeps every
 * other replica, and a leader that lost its Lease, from writing. One platform thread; the fence is
 * asked by whatever thread sends a request. Depends on {@code operator.kube}.
 */
@NullMarked
package dev.bridgehead.operator.election;

import org.jspecify.annotations.NullMarked;
