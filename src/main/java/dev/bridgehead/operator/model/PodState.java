package dev.bridgehead.operator.model;

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
 */
public record PodState(
    String hash,
    long generation,
    boolean ready,
    long queued,
    @Nullable String oldest,
    long quarantined) {
  public Counts counts() {
    return new Counts(queued, oldest);
  }
}
