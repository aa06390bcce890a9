package dev.bridgehead.relay.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A key that the cluster signs tokens with. The key decides the algorithm, never the token: what
 * kube-apiserver makes is RS256 with an RSA key, ES256, ES384 or ES512 with an elliptic one.
 *
 * @param algorithm as a token's header names it (RFC 7518 section 3.1)
 */
record TokenKey(String algorithm, PublicKey key) {
  private static final int MIN_RSA_BITS = 2048;

  /** By the {@code crv} of RFC 7518 section 6.2.1.1. */
  private enum Curve {
    P_256("P-256", "secp256r1", "ES256"),
    P_384("P-384", "secp384r1", "ES384"),
    P_521("P-521", "secp521r1", "ES512");

    private final String jwk;
    private final String java;
    private final String algorithm;

    Curve(String jwk, String java, String algorithm) {
      this.jwk = jwk;
      this.java = java;
      this.algorithm = algorithm;
    }
  }

  /**
   * The keys of a JWK set (RFC 7517), by their id. Those that are of no kind that is known here are
   * left out, as section 5 asks.
   *
   * @throws IllegalArgumentException where there is none to be used; the message continues "the
   *     keys …"
   */
  static Map<String, TokenKey> set(String json) {
    Map<String, TokenKey> keys = new HashMap<>();
    for (JsonNode each : tree(json).path("keys")) {
      String id = each.path("kid").asText();
      if (!id.isEmpty() && each.path("use").asText("sig").equals("sig")) {
        key(each).ifPresent(key -> keys.put(id, key));
      }
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("must hold an RSA or elliptic key for signatures");
    }
    return keys;
  }

  private static JsonNode tree(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException("must be JSON", e);
    }
  }

  private static Optional<TokenKey> key(JsonNode jwk) {
    try {
      return switch (jwk.path("kty").asText()) {
        case "RSA" -> rsa(jwk);
        case "EC" -> elliptic(jwk);
        default -> Optional.empty();
      };
    } catch (GeneralSecurityException | IllegalArgumentException unusable) {
      return Optional.empty();
    }
  }

  private static Optional<TokenKey> rsa(JsonNode jwk) throws GeneralSecurityException {
    PublicKey key =
        KeyFactory.getInstance("RSA")
            .generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
    boolean strong = ((RSAPublicKey) key).getModulus().bitLength() >= MIN_RSA_BITS;
    return strong ? Optional.of(new TokenKey("RS256", key)) : Optional.empty();
  }

  private static Optional<TokenKey> elliptic(JsonNode jwk) throws GeneralSecurityException {
    for (Curve curve : Curve.values()) {
      if (curve.jwk.equals(jwk.path("crv").asText())) {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve.java));
        ECPublicKeySpec spec =
            new ECPublicKeySpec(
                new ECPoint(number(jwk, "x"), number(jwk, "y")),
                parameters.getParameterSpec(ECParameterSpec.class));
        PublicKey key = KeyFactory.getInstance("EC").generatePublic(spec);
        return Optional.of(new TokenKey(curve.algorithm, key));
      }
    }
    return Optional.empty();
  }

  private static BigInteger number(JsonNode jwk, String member) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(jwk.path(member).asText()));
  }

  /** Whether the signature is this key's. */
  boolean signed(byte[] content, byte[] signature) {
    String name =
        switch (algorithm) {
          case "RS256" -> "SHA256withRSA";
          case "ES256" -> "SHA256withECDSAinP1363Format";
          case "ES384" -> "SHA384withECDSAinP1363Format";
          default -> "SHA512withECDSAinP1363Format";
        };
    try {
      Signature check = Signature.getInstance(name);
      check.initVerify(key);
      check.update(content);
      return check.verify(signature);
    } catch (GeneralSecurityException notOne) { // wrong length, wrong form
      return false;
    }
  }
}
