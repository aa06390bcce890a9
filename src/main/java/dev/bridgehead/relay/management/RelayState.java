package dev.bridgehead.relay.management;

import dev.bridgehead.relay.queue.Deferral;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the operator asks of a relay.
 *
 * @param pod which pod speaks: its address may have been another's a moment ago; null outside of a
 *     cluster
 * @param hash of the configuration in force
 * @param generation of the connector it came from
 * @param ready accepts mail
 * @param queued messages
 * @param quarantined damaged messages that were set aside and need a person
 * @param oldest when the oldest of them arrived
 * @param drain how far it is in being drained
 * @param loops next hops that turned out to be this server, a line each
 * @param unresolved smart hosts that no mail can be sent to, a line each; null: not known yet
 * @param refused addresses that were lately found for next hops and not connected, a line each
 * @param deferral why most of the mail that was put off is still here; empty where none was
 */
public record RelayState(
    @Nullable String pod,
    String hash,
    long generation,
    boolean ready,
    int queued,
    int quarantined,
    Optional<Instant> oldest,
    DrainState drain,
    List<String> loops,
    @Nullable List<String> unresolved,
    List<String> refused,
    Optional<Deferral> deferral) {}
