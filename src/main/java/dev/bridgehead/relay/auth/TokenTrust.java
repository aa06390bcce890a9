package dev.bridgehead.relay.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Set;

/**
 * Which ServiceAccount tokens are believed. They are JSON Web Tokens (RFC 7519) signed by the
 * cluster; all is checked here, nobody is asked. So a token stays good until it expires, also where
 * its pod or its ServiceAccount is deleted meanwhile: therefore an hour at most.
 *
 * @param issuer the cluster's, as its tokens name it
 * @param audience the connector's own
 * @param keys of the cluster, by their id
 * @param users {@code system:serviceaccount:NAMESPACE:NAME}, of those who may log in
 */
public record TokenTrust(
    String issuer, String audience, Map<String, TokenKey> keys, Set<String> users) {
  /** How Kubernetes names a ServiceAccount as a user, before namespace and name. */
  public static final String PREFIX = "system:serviceaccount:";

  /** An hour, and the seven seconds that {@code 3607}, a number with a meaning, adds to it. */
  static final long LONGEST_SECONDS = 3607;

  /** What clocks may differ by. */
  private static final long SKEW_SECONDS = 60;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** What a token comes to. */
  sealed interface Verdict {}

  /** It is that ServiceAccount's. */
  record Good(String user) implements Verdict {}

  /**
   * It is not good here.
   *
   * @param why for the log
   */
  record Bad(String why) implements Verdict {}

  /** It may be good: the cluster may have a new key that has not come here yet. */
  record UnknownKey(String why) implements Verdict {}

  public TokenTrust {
    keys = Map.copyOf(keys);
    users = Set.copyOf(users);
  }

  /**
   * With the keys of a JWK set.
   *
   * @throws IllegalArgumentException whose message continues "the keys …"
   */
  public static TokenTrust of(String issuer, String audience, String jwks, Set<String> users) {
    return new TokenTrust(issuer, audience, TokenKey.set(jwks), users);
  }

  /** Whether a password is meant as a token: three parts, the first an object of JSON. */
  public static boolean isMeant(String password) {
    return password.startsWith("eyJ")
        && password.chars().filter(c -> c == '.').count() == 2
        && password.chars().allMatch(c -> c > ' ' && c < 0x7F);
  }

  /** Judges a token; never fails. */
  Verdict judge(String token, Instant now) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return new Bad("the token is no JSON Web Token");
    }
    try {
      JsonNode header = JSON.readTree(octets(parts[0]));
      String id = header.path("kid").asText();
      if (header.has("crit") || id.isEmpty()) {
        return new Bad("the token's header is not one of a ServiceAccount's token");
      }
      TokenKey key = keys.get(id);
      if (key == null) {
        return new UnknownKey("the token is signed with a key that is not (yet) known: " + id);
      }
      byte[] content = (parts[0] + "." + parts[1]).getBytes(US_ASCII);
      if (!header.path("alg").asText().equals(key.algorithm())
          || !key.signed(content, octets(parts[2]))) {
        return new Bad("the token's signature is not the cluster's");
      }
      return claims(JSON.readTree(octets(parts[1])), now.getEpochSecond());
    } catch (IllegalArgumentException | JsonProcessingException broken) {
      return new Bad("the token is no JSON Web Token");
    } catch (IOException impossible) {
      throw new AssertionError("octets are at hand", impossible);
    }
  }

  private Verdict claims(JsonNode claims, long now) {
    if (!claims.path("iss").asText().equals(issuer)) {
      return new Bad("the token is of another issuer");
    }
    JsonNode kubernetes = claims.path("kubernetes.io");
    JsonNode account = kubernetes.path("serviceaccount");
    String user =
        PREFIX + kubernetes.path("namespace").asText() + ":" + account.path("name").asText();
    if (!claims.path("sub").asText().equals(user) || account.path("uid").asText().isEmpty()) {
      return new Bad("the token is no ServiceAccount's");
    }
    if (!hasAudience(claims.path("aud"))) {
      return new Bad("the token of " + user + " is for another audience than " + audience);
    }
    JsonNode expires = claims.path("exp");
    JsonNode issued = claims.path("iat");
    JsonNode notBefore = claims.has("nbf") ? claims.path("nbf") : issued;
    if (!isTime(expires) || !isTime(issued) || !isTime(notBefore)) {
      return new Bad("the token of " + user + " has no time of expiry or issue");
    }
    if (expires.longValue() <= now) {
      return new Bad("the token of " + user + " has expired");
    }
    if (Math.max(issued.longValue(), notBefore.longValue()) > now + SKEW_SECONDS) {
      return new Bad("the token of " + user + " is not valid yet");
    }
    if (expires.longValue() - issued.longValue() > LONGEST_SECONDS) {
      return new Bad("the token of " + user + " is valid for more than an hour");
    }
    return users.contains(user)
        ? new Good(user)
        : new Bad(user + " is not in access.serviceAccounts");
  }

  /** A number of seconds of this era: nothing that overflows. */
  private static boolean isTime(JsonNode seconds) {
    return seconds.isIntegralNumber()
        && seconds.canConvertToLong()
        && seconds.longValue() >= 0
        && seconds.longValue() < 1L << 40;
  }

  private boolean hasAudience(JsonNode audiences) {
    if (audiences.isTextual()) {
      return audiences.textValue().equals(audience);
    }
    for (JsonNode each : audiences) {
      if (each.isTextual() && each.textValue().equals(audience)) {
        return true;
      }
    }
    return false;
  }

  /** RFC 7515 section 2: no padding, and one text only for the same octets. */
  private static byte[] octets(String part) {
    byte[] octets = Base64.getUrlDecoder().decode(part);
    if (!Base64.getUrlEncoder().withoutPadding().encodeToString(octets).equals(part)) {
      throw new IllegalArgumentException("not base64url");
    }
    return octets;
  }

  /** Ids of the keys only. */
  @Override
  public String toString() {
    return "TokenTrust[" + issuer + ", " + audience + ", " + keys.keySet() + ", " + users + "]";
  }
}
