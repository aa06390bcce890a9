/**
 * The whole relay between mail programs that others wrote: as their next hop, as the client of
 * their servers. What each of them can do is in docs/interop.md, with the test that saw it. The
 * servers run as processes on loopback, the relay in this one.
 */
@NullMarked
package dev.bridgehead.interop;

import org.jspecify.annotations.NullMarked;
