package dev.bridgehead.relay.auth;

import dev.bridgehead.validation.Base64Text;
import java.security.SecureRandom;

/** What is said once. */
public final class Nonce {
  private static final int OCTETS = 18;

  private Nonce() {}

  /** 24 characters, none of them a comma (RFC 5802 section 5.1). */
  public static String of(SecureRandom random) {
    byte[] octets = new byte[OCTETS];
    random.nextBytes(octets);
    return Base64Text.encode(octets);
  }
}
