package dev.bridgehead.operator.model;

import dev.bridgehead.api.Deferral;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a relay says of itself ({@code GET /v1/state}).
 *
 * @param hash of the configuration that it runs
 * @param generation of the connector that it runs
 * @param ready whether it takes mail
 * @param queued messages it holds
 * @param oldest when the oldest of them arrived, RFC 3339; null when it holds none
 * @param quarantined damaged messages on its volume that it can't deliver
 * @param loops next hops that turned out to be this very server, a line each
 * @param unresolved smart hosts that no mail could be sent to when last looked up, a line each;
 *     null while it has not looked
 * @param refused addresses that were lately found for next hops and not connected, a line each
 * @param deferral why most of the mail that was put off is still queued; null where none was, or
 *     the relay is too old to say
 * @param drain how far it is in being drained
 */
public record PodState(
    String hash,
    long generation,
    boolean ready,
    long queued,
    @Nullable String oldest,
    long quarantined,
    List<String> loops,
    @Nullable List<String> unresolved,
    List<String> refused,
    @Nullable Deferral deferral,
    Draining drain) {
  public PodState {
    loops = List.copyOf(loops);
    unresolved = unresolved == null ? null : List.copyOf(unresolved);
    refused = List.copyOf(refused);
  }

  /** Steps of a drain, in their order. */
  public enum Draining {
    /** It does not drain, or is too old to say. */
    NONE,
    /** It is not ready, and takes mail until its clients have noticed. */
    ACCEPTING,
    /** It takes no mail, delivers, and hands over what it can. */
    DRAINING,
    /** It takes no mail, and nothing is left on its volume that anybody waits for. */
    EMPTY
  }

  public Counts counts() {
    return new Counts(queued, oldest, deferral);
  }
}
