package dev.bridgehead.relay.oauth;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a token endpoint answers (RFC 6749 §5). */
final class TokenAnswer {
  private static final int GIVEN = 200;

  /** RFC 6749 §5.1: the server should say. */
  private static final Duration UNSAID = Duration.ofMinutes(5);

  private static final Duration LONGEST = Duration.ofDays(1);
  private static final int LONGEST_REASON = 200;

  /** RFC 6750 §2.1; 8,192 octets are what a line of AUTH has room for. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{1,8192}={0,2}");

  private static final ObjectMapper JSON = new ObjectMapper();

  private TokenAnswer() {}

  /**
   * @throws NoTokenException whose message continues "URL …"
   */
  static AccessToken read(int status, byte[] body) throws NoTokenException {
    JsonNode json = json(body);
    if (status != GIVEN) {
      String error = clean(json.path("error").asText(""));
      throw new NoTokenException(
          ("answers " + status + " " + error).strip(),
          clean(json.path("error_description").asText("")));
    }
    String token = json.path("access_token").asText("");
    if (!TOKEN.matcher(token).matches()) {
      throw new NoTokenException("answers 200 without an access_token that can be sent");
    }
    if (!json.path("token_type").asText("").equalsIgnoreCase("Bearer")) {
      throw new NoTokenException("gives a token that is no bearer token");
    }
    return new AccessToken(token, life(json), refreshToken(json));
  }

  private static JsonNode json(byte[] body) throws NoTokenException {
    try {
      return JSON.readTree(body);
    } catch (JacksonException notJson) {
      return JSON.missingNode();
    } catch (IOException e) {
      throw new NoTokenException("can't be read: " + e.getMessage());
    }
  }

  /** RFC 6749 §5.2 has printable ASCII. */
  private static String clean(String text) {
    return text.substring(0, Math.min(text.length(), LONGEST_REASON))
        .replaceAll("[^\\x20-\\x7e]+", " ");
  }

  /** Some say it as text. */
  private static Duration life(JsonNode json) {
    long seconds = json.path("expires_in").asLong(UNSAID.toSeconds());
    return Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST.toSeconds()));
  }

  private static @Nullable String refreshToken(JsonNode json) {
    String token = json.path("refresh_token").asText("");
    return token.isEmpty() ? null : token;
  }
}
