package dev.bridgehead.manifest;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an access token is given for: a refresh token (RFC 6749 §6), or without one the client's own
 * credentials (§4.4).
 *
 * @param endpoint https, with a host, without a fragment (RFC 6749 §3.2)
 * @param clientSecret null: of a public client, which has a refresh token
 * @param scope null: as the server has it by itself
 * @param roots whom the endpoint must be certified by; empty: the system's
 */
public record TokenGrant(
    URI endpoint,
    String clientId,
    @Nullable String clientSecret,
    @Nullable String refreshToken,
    @Nullable String scope,
    List<X509Certificate> roots) {
  public TokenGrant {
    roots = List.copyOf(roots);
  }

  /** Never shows a secret. */
  @Override
  public String toString() {
    return "TokenGrant[" + clientId + " at " + endpoint + "]";
  }
}
