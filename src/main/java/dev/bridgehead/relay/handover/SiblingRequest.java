package dev.bridgehead.relay.handover;

import dev.bridgehead.manifest.Fingerprint;
import dev.bridgehead.manifest.TokenProof;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
 * @param length of the body, in octets: no more is read, and nothing is made room for before
 * @param head octets that the body begins with, which say what the rest of it is; often all of it
 * @param digest of the head as it goes over the wire: SHA-256 in hexadecimal digits
 */
record SiblingRequest(
    String method, String path, long number, long length, long head, String digest) {
  /** What the Authorization field begins with. */
  static final String SCHEME = "Bridgehead-Sibling";

  private static final Pattern CREDENTIALS =
      Pattern.compile(
          SCHEME
              + " ([1-9][0-9]{0,17})\\.(0|[1-9][0-9]{0,17})\\.(0|[1-9][0-9]{0,17})"
              + "\\.([0-9a-f]{64})\\.([0-9a-f]{64})");
  private static final Pattern ANSWER =
      Pattern.compile("(0|[1-9][0-9]{0,8})\\.([0-9a-f]{64})\\.([0-9a-f]{64})");
  private static final int BLOCK = 16;

  /** One that has no body, or a short one. */
  static SiblingRequest of(String method, String path, long number, byte[] body) {
    return new SiblingRequest(method, path, number, body.length, body.length, Fingerprint.of(body));
  }

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
            method,
            path,
            Long.parseLong(credentials.group(1)),
            Long.parseLong(credentials.group(2)),
            Long.parseLong(credentials.group(3)),
            credentials.group(4));
    return TokenProof.same(credentials.group(5), request.proof(token))
        ? Optional.of(request)
        : Optional.empty();
  }

  private String proof(String token) {
    return TokenProof.mac(token, words("sibling request"));
  }

  private String[] words(String who, String... more) {
    return Stream.concat(
            Stream.of(
                who,
                method,
                path,
                Long.toString(number),
                Long.toString(length),
                Long.toString(head),
                digest),
            Stream.of(more))
        .toArray(String[]::new);
  }

  /** Its Authorization field. */
  String authorization(String token) {
    return "%s %d.%d.%d.%s.%s".formatted(SCHEME, number, length, head, digest, proof(token));
  }

  /**
   * What an answer's body must be: known before any of it is read.
   *
   * @param length in octets
   * @param digest SHA-256 in hexadecimal digits
   */
  record Answered(int length, String digest) {
    boolean is(byte[] body) {
      return body.length == length && Fingerprint.of(body).equals(digest);
    }
  }

  /** The field that proves an answer to this very request. */
  String answer(String token, int status, byte[] body) {
    String digest = Fingerprint.of(body);
    return body.length + "." + digest + "." + proof(token, status, body.length + "", digest);
  }

  /**
   * What an answer's body must be, where its sender knows the token; else empty.
   *
   * @param field that came with it
   */
  Optional<Answered> answered(String token, int status, String field) {
    Matcher answer = ANSWER.matcher(field);
    if (!answer.matches()
        || !TokenProof.same(
            answer.group(3), proof(token, status, answer.group(1), answer.group(2)))) {
      return Optional.empty();
    }
    return Optional.of(new Answered(Integer.parseInt(answer.group(1)), answer.group(2)));
  }

  private String proof(String token, int status, String length, String answered) {
    return TokenProof.mac(
        token, words("sibling answer", Integer.toString(status), length, answered));
  }

  /** Which part of a message's body is sealed. */
  enum Part {
    ENVELOPE,
    CONTENT
  }

  /**
   * Hides a part of a body from everybody who does not know the token: AES in counter mode, with a
   * key that nothing else has. The same for both ends.
   */
  static Cipher cipher(String token, Part part, String path, long number) {
    String what = "sibling " + part.name().toLowerCase(Locale.ROOT);
    byte[] key = HexFormat.of().parseHex(TokenProof.mac(token, what, path, Long.toString(number)));
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
