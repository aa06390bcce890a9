package dev.bridgehead.relay.management;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Checks the Authorization field (RFC 6750 §2.1) against a token. */
final class BearerToken {
  private static final String SCHEME = "Bearer ";

  private BearerToken() {}

  /** Takes the same time whatever is wrong; an empty token is nobody's. */
  static boolean accepted(String authorization, String token) {
    if (token.isEmpty() || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    return MessageDigest.isEqual(
        authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8),
        token.getBytes(StandardCharsets.UTF_8));
  }
}
