package dev.bridgehead.relay.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A token as it was given.
 *
 * @param text printable ASCII without blanks
 * @param life from when it was asked for
 * @param refreshToken to be used from now on; null: as before
 */
record AccessToken(String text, Duration life, @Nullable String refreshToken) {
  /** Never shows a secret. */
  @Override
  public String toString() {
    return "AccessToken[" + life + "]";
  }
}
