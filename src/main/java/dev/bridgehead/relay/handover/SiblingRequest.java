package dev.bridgehead.relay.handover;

import dev.bridgehead.manifest.TokenProof;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A request of a hand-over as both ends know it. Who sends it proves that it knows the bridgehead's
 * token, and so does who answers; what is proved says which of the two speaks, so that nobody can
 * be given its own words for an answer.
 *
 * @param path as in the request line: both pods, the sender's spool, the session, the message
 * @param number that the session has not seen before
 * @param digest of the body as it goes over the wire: SHA-256 in hexadecimal digits
 */
record SiblingRequest(String method, String path, long number, String digest) {
  /** What the Authorization field begins with. */
  static final String SCHEME = "Bridgehead-Sibling";

  private static final Pattern CREDENTIALS =
      Pattern.compile(SCHEME + " ([1-9][0-9]{0,17})\\.([0-9a-f]{64})\\.([0-9a-f]{64})");
  private static final int BLOCK = 16;

  /**
   * Proves, before anything else is said, that the receiver knows the token.
   *
   * @param path of the question: it has the sender's nonce
   * @param challenge the receiver's nonce, which its session will have
   */
  static String hello(String token, String path, String challenge) {
    return TokenProof.mac(token, "sibling hello", path, challenge);
  }

  /** A request that came, where its sender knows the token; else empty. */
  static Optional<SiblingRequest> proven(
      String method, String path, String authorization, String token) {
    Matcher credentials = CREDENTIALS.matcher(authorization);
    if (token.isEmpty() || !credentials.matches()) {
      return Optional.empty();
    }
    SiblingRequest request =
        new SiblingRequest(
            method, path, Long.parseLong(credentials.group(1)), credentials.group(2));
    return TokenProof.same(credentials.group(3), request.proof(token))
        ? Optional.of(request)
        : Optional.empty();
  }

  private String proof(String token) {
    return TokenProof.mac(token, "sibling request", method, path, Long.toString(number), digest);
  }

  /** Its Authorization field. */
  String authorization(String token) {
    return SCHEME + " " + number + "." + digest + "." + proof(token);
  }

  /**
   * Proves an answer to this very request.
   *
   * @param answered digest of the answer's body
   */
  String answer(String token, int status, String answered) {
    return TokenProof.mac(
        token,
        "sibling answer",
        method,
        path,
        Long.toString(number),
        digest,
        Integer.toString(status),
        answered);
  }

  /**
   * Hides a body from everybody who does not know the token: AES in counter mode, with a key that
   * no other request has. What was sent is proved by {@link #digest}. The same for both ends.
   */
  static Cipher cipher(String token, String path, long number) {
    byte[] key =
        HexFormat.of()
            .parseHex(TokenProof.mac(token, "sibling content", path, Long.toString(number)));
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(key, "AES"),
          new IvParameterSpec(new byte[BLOCK])); // the key is used once
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES in counter mode", e);
    }
  }
}
