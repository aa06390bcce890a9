/**
 * The one place that decides what TLS a next hop has to show, and whether it may be connected at
 * all: the connector's mode, DANE (RFC 7672) and MTA-STS (RFC 8461), of which the strictest counts,
 * and what the message's sender asks (RFC 8689). Delivery's threads and {@code dns probe} ask and
 * block for look-ups; the decision itself is pure. Depends on {@code routing}, {@code sts}, {@code
 * mail} and {@code dns}.
 */
@NullMarked
package dev.bridgehead.relay.policy;

import org.jspecify.annotations.NullMarked;
