package dev.bridgehead.operator.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What ServiceAccount tokens are checked with. Public, all of it.
 *
 * @param issuer as tokens name it
 * @param keys a JWK set, the same text for the same keys
 */
public record TokenIssuer(String issuer, String keys) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What says which key it is, and the public halves of RSA and elliptic ones (RFC 7518). */
  private static final List<String> MEMBERS =
      List.of("kid", "kty", "use", "alg", "n", "e", "crv", "x", "y");

  private static final int MOST_KEYS = 64;
  private static final int LONGEST = 64 * 1024;

  /**
   * Of the API server's two documents.
   *
   * @param discovery {@code /.well-known/openid-configuration}
   * @param jwks {@code /openid/v1/jwks}
   * @throws IllegalArgumentException with what is wrong with them
   */
  public static TokenIssuer of(String discovery, String jwks) {
    String issuer = tree(discovery).path("issuer").asText();
    if (issuer.isEmpty()) {
      throw new IllegalArgumentException("the issuer's document names no issuer");
    }
    TreeMap<String, Map<String, String>> byId = new TreeMap<>();
    for (JsonNode key : tree(jwks).path("keys")) {
      Map<String, String> members = new TreeMap<>();
      for (String member : MEMBERS) {
        if (key.path(member).isTextual()) {
          members.put(member, key.path(member).asText());
        }
      }
      byId.put(key.path("kid").asText(), members);
    }
    if (byId.isEmpty() || byId.size() > MOST_KEYS) {
      throw new IllegalArgumentException("the issuer has no keys, or too many");
    }
    try {
      String keys = JSON.writeValueAsString(Map.of("keys", new ArrayList<>(byId.values())));
      return new TokenIssuer(issuer, keys);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("text is always JSON", e);
    }
  }

  private static JsonNode tree(String json) {
    if (json.length() > LONGEST) {
      throw new IllegalArgumentException("the issuer's document is too long");
    }
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the issuer's document is not JSON", e);
    }
  }
}
