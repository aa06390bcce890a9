package dev.bridgehead.manifest;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proofs that somebody knows a bridgehead's management token, which is not shown: HTTP goes in
 * clear to an address that may be another pod's by now.
 *
 * <p>So the operator asks a relay for its state, and the relay answers: that decides whether a
 * volume is deleted. A question names the pod and a nonce, so that it is of use with no other pod,
 * and an answer with no other question. Who has overheard a question can ask that pod for its state
 * again, and nothing else.
 */
public final class TokenProof {
  /** The field that carries the proof of an answer. */
  public static final String ANSWER_FIELD = "Bridgehead-Proof";

  private static final int NONCE_OCTETS = 16;

  private static final Pattern CREDENTIALS =
      Pattern.compile("Bridgehead-Proof ([0-9a-f]{32})\\.([0-9a-f]{64})");

  private TokenProof() {}

  /** 32 hexadecimal digits that were never used before, and that nobody guesses. */
  public static String nonce(SecureRandom random) {
    byte[] octets = new byte[NONCE_OCTETS];
    random.nextBytes(octets);
    return HexFormat.of().formatHex(octets);
  }

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

  /**
   * Proves that who knows the token says these words: HMAC-SHA256 in hexadecimal digits.
   *
   * @param token not empty
   * @param words the first says who speaks to whom of what, so that no proof does for another; none
   *     has a line end, so that no two lists of them are the same text
   */
  public static String mac(String token, String... words) {
    for (String word : words) {
      if (word.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("a word with a line end");
      }
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of()
          .formatHex(mac.doFinal(String.join("\n", words).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** Whether they are the same proof; takes the same time whatever differs. */
  public static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
