package dev.bridgehead.manifest;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How the operator asks a relay for its state, and the relay answers, each proving that it knows
 * the bridgehead's management token without showing it: HTTP goes in clear to an address that may
 * be another pod's by now, and an answer decides whether a volume is deleted.
 *
 * <p>A question names the pod and a nonce, so that it is of use with no other pod, and an answer
 * with no other question. Who has overheard a question can ask that pod for its state again, and
 * nothing else.
 */
public final class TokenProof {
  /** The field that carries the proof of an answer. */
  public static final String ANSWER_FIELD = "Bridgehead-Proof";

  private static final Pattern CREDENTIALS =
      Pattern.compile("Bridgehead-Proof ([0-9a-f]{32})\\.([0-9a-f]{64})");

  private TokenProof() {}

  /**
   * The Authorization field of a question.
   *
   * @param pod that is asked
   * @param nonce 32 hexadecimal digits that were never used before
   */
  public static String question(String token, String pod, String nonce) {
    return "Bridgehead-Proof " + nonce + "." + mac(token, "question", pod, nonce);
  }

  /**
   * The nonce of a question that was asked of this pod by somebody who knows the token; empty where
   * it was not.
   */
  public static Optional<String> accepted(String authorization, String token, String pod) {
    Matcher credentials = CREDENTIALS.matcher(authorization);
    if (token.isEmpty() || !credentials.matches()) {
      return Optional.empty();
    }
    String nonce = credentials.group(1);
    return same(credentials.group(2), mac(token, "question", pod, nonce))
        ? Optional.of(nonce)
        : Optional.empty();
  }

  /** Proves an answer's body, for the question with this nonce. */
  public static String answer(String token, String nonce, byte[] body) {
    return mac(token, "answer", nonce, Fingerprint.of(body));
  }

  /** Whether an answer came from somebody who knows the token, and was made for this question. */
  public static boolean proves(String proof, String token, String nonce, byte[] body) {
    return same(proof, answer(token, nonce, body));
  }

  /** None of the words has a line end, so that no two lists of them are the same text. */
  private static String mac(String token, String... words) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of()
          .formatHex(mac.doFinal(String.join("\n", words).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** Takes the same time whatever differs. */
  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
