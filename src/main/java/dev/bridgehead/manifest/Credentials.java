package dev.bridgehead.manifest;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a Secret that a smart host's {@code credentialsRef} names holds: {@code username}, and
 * {@code password}, as in one of type {@code kubernetes.io/basic-auth}, or {@code tokenEndpoint}
 * with what a token is given for there.
 */
public sealed interface Credentials {
  /** The key of all, whose value the password or the tokens are of. */
  String USERNAME = "username";

  String PASSWORD = "password";

  /** The key that makes them those of OAuth 2.0. */
  String TOKEN_ENDPOINT = "tokenEndpoint";

  String CLIENT_ID = "clientId";
  String CLIENT_SECRET = "clientSecret";
  String REFRESH_TOKEN = "refreshToken";
  String SCOPE = "scope";
  String ROOTS = "ca.crt";

  /** What the smart host knows the sender as. */
  String username();

  /** With a password. */
  record Password(String username, String password) implements Credentials {
    /** Never shows the password. */
    @Override
    public String toString() {
      return "Password[" + username + "]";
    }
  }

  /** With access tokens. */
  record OAuth(String username, TokenGrant grant) implements Credentials {}

  /**
   * The keys that are used of a Secret, also those that it must have and has not.
   *
   * @param present the keys that it has
   */
  static Set<String> keys(Set<String> present) {
    if (!present.contains(TOKEN_ENDPOINT)) {
      return Set.of(USERNAME, PASSWORD);
    }
    Set<String> used = new LinkedHashSet<>(Set.of(USERNAME, TOKEN_ENDPOINT, CLIENT_ID));
    for (String optional : List.of(PASSWORD, CLIENT_SECRET, REFRESH_TOKEN, SCOPE, ROOTS)) {
      if (present.contains(optional)) {
        used.add(optional);
      }
    }
    return used;
  }

  /**
   * Reads them.
   *
   * @param secret octets by key
   * @throws IllegalArgumentException whose message continues the Secret's name, without any value
   */
  static Credentials parse(Map<String, byte[]> secret) {
    String username = text(secret, USERNAME);
    if (!secret.containsKey(TOKEN_ENDPOINT)) {
      return new Password(username, text(secret, PASSWORD));
    }
    if (secret.containsKey(PASSWORD)) {
      throw new IllegalArgumentException(
          "has both \"password\" and \"tokenEndpoint\": take one of them away");
    }
    String clientSecret = optional(secret, CLIENT_SECRET);
    String refreshToken = optional(secret, REFRESH_TOKEN);
    if (clientSecret == null && refreshToken == null) {
      throw new IllegalArgumentException(
          "has neither \"clientSecret\" nor \"refreshToken\": a token is given for one of them");
    }
    return new OAuth(
        username,
        new TokenGrant(
            endpoint(text(secret, TOKEN_ENDPOINT)),
            text(secret, CLIENT_ID),
            clientSecret,
            refreshToken,
            optional(secret, SCOPE),
            roots(secret.get(ROOTS))));
  }

  private static @Nullable String optional(Map<String, byte[]> secret, String key) {
    return secret.containsKey(key) ? text(secret, key) : null;
  }

  /** A line break at the end is what {@code echo} adds; sent, it would only ever fail to log in. */
  private static String text(Map<String, byte[]> secret, String key) {
    byte[] octets = secret.get(key);
    if (octets == null) {
      throw new IllegalArgumentException(
          "has no key \"%s\": it needs %s"
              .formatted(
                  key,
                  secret.containsKey(TOKEN_ENDPOINT)
                      ? "username, tokenEndpoint and clientId"
                      : "username and password, or username and tokenEndpoint"));
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
      if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "has a key \"" + key + "\" that is empty, or holds a line break or control character");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("has a key \"" + key + "\" that is not UTF-8 text", e);
    }
  }

  private static URI endpoint(String text) {
    String fault = "has a key \"tokenEndpoint\" that is no URL of the form https://host/path";
    try {
      URI uri = new URI(text);
      if (!"https".equalsIgnoreCase(uri.getScheme())
          || uri.getHost() == null
          || uri.getRawUserInfo() != null
          || uri.getRawFragment() != null) {
        throw new IllegalArgumentException(fault);
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(fault, e);
    }
  }

  private static List<X509Certificate> roots(byte @Nullable [] pem) {
    try {
      return pem == null ? List.of() : PemCertificates.parse(pem);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("has a key \"ca.crt\" that " + e.getMessage(), e);
    }
  }
}
