/**
 * Who a client is: SASL mechanisms as state machines, a server's and a client's; stored passwords,
 * ServiceAccount tokens. No sockets, no files, no clock of its own. Sessions' threads enter, each
 * with an exchange of its own; what they share is immutable or guards itself. Depends on {@code
 * validation} only.
 */
@NullMarked
package dev.bridgehead.relay.auth;

import org.jspecify.annotations.NullMarked;
