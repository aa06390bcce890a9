package dev.bridgehead.relay.auth;

import dev.bridgehead.validation.Base64Text;
import dev.bridgehead.validation.Saslprep;
import dev.bridgehead.validation.StoredPassword;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The arithmetic of SCRAM-SHA-256 (RFC 5802 section 3). */
public final class Scram {
  static final int OCTETS = 32;

  private Scram() {}

  /**
   * What is kept of a password.
   *
   * @param password in any form; SASLprep is done here
   * @throws IllegalArgumentException whose message continues "the password …"
   */
  public static StoredPassword store(String password, byte[] salt, int iterations) {
    byte[] salted = salted(Saslprep.stored(password), salt, iterations);
    return new StoredPassword(
        iterations,
        Base64Text.encode(salt),
        Base64Text.encode(sha256(hmac(salted, "Client Key"))),
        Base64Text.encode(hmac(salted, "Server Key")));
  }

  /**
   * Whether a password in clear is the one that was stored; takes as long whatever it is.
   *
   * @param prepared by SASLprep
   */
  static boolean matches(StoredPassword stored, String prepared) {
    byte[] salted = salted(prepared, Base64Text.decode(stored.salt()), stored.iterations());
    return MessageDigest.isEqual(
        sha256(hmac(salted, "Client Key")), Base64Text.decode(stored.storedKey()));
  }

  /** Whether a proof is of the client that knows the password. */
  static boolean proves(StoredPassword stored, byte[] proof, String authMessage) {
    byte[] storedKey = Base64Text.decode(stored.storedKey());
    byte[] signature = hmac(storedKey, authMessage);
    return proof.length == signature.length
        && MessageDigest.isEqual(sha256(xor(signature, proof)), storedKey);
  }

  /** Of a client that knows the password. */
  static byte[] clientProof(byte[] salted, String authMessage) {
    byte[] clientKey = hmac(salted, "Client Key");
    return xor(hmac(sha256(clientKey), authMessage), clientKey);
  }

  private static byte[] xor(byte[] one, byte[] other) {
    byte[] result = one.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] ^= other[i];
    }
    return result;
  }

  /** What a server that knows the password says. */
  static byte[] serverSignature(byte[] salted, String authMessage) {
    return hmac(hmac(salted, "Server Key"), authMessage);
  }

  static byte[] serverSignature(StoredPassword stored, String authMessage) {
    return hmac(Base64Text.decode(stored.serverKey()), authMessage);
  }

  static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  static byte[] salted(String prepared, byte[] salt, int iterations) {
    char[] characters = prepared.toCharArray();
    PBEKeySpec spec = new PBEKeySpec(characters, salt, iterations, OCTETS * 8);
    try {
      // PKCS #5 as Java has it takes the password as UTF-8, as RFC 5802's Normalize() does.
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has PBKDF2WithHmacSHA256", e);
    } finally {
      spec.clearPassword();
      Arrays.fill(characters, '\0');
    }
  }
}
