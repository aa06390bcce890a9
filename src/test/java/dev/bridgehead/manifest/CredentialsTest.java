package dev.bridgehead.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.testbed.SelfSigned;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  private static final Map<String, String> TOKENS =
      Map.of(
          "username", "relay@example.com",
          "tokenEndpoint", "https://login.example.com/tenant/token",
          "clientId", "bridgehead",
          "clientSecret", "hush");

  private static Map<String, byte[]> octets(Map<String, String> texts) {
    Map<String, byte[]> octets = new HashMap<>();
    texts.forEach((key, text) -> octets.put(key, text.getBytes(StandardCharsets.UTF_8)));
    return octets;
  }

  private static Map<String, String> tokens(String key, String value) {
    Map<String, String> texts = new HashMap<>(TOKENS);
    texts.put(key, value);
    return texts;
  }

  private static Map<String, String> tokensWithout(String key) {
    Map<String, String> texts = new HashMap<>(TOKENS);
    texts.remove(key);
    return texts;
  }

  @Test
  void areAPasswordOrATokensGrant() {
    assertThat(Credentials.parse(octets(Map.of("username", "a", "password", "b c"))))
        .isEqualTo(new Credentials.Password("a", "b c"));
    assertThat(Credentials.parse(octets(TOKENS)))
        .isEqualTo(
            new Credentials.OAuth(
                "relay@example.com",
                new TokenGrant(
                    URI.create("https://login.example.com/tenant/token"),
                    "bridgehead",
                    "hush",
                    null,
                    null,
                    List.of())));
  }

  @Test
  void haveARefreshTokenAScopeAndRootsWhereTheSecretHas() {
    SelfSigned root = SelfSigned.of("login.example.com");
    Map<String, byte[]> secret = octets(tokensWithout("clientSecret"));
    secret.put("refreshToken", "again".getBytes(StandardCharsets.UTF_8));
    secret.put("scope", "mail send".getBytes(StandardCharsets.UTF_8));
    secret.put(
        "ca.crt", Base64.getMimeDecoder().decode(root.encoded().getOrDefault("tls.crt", "")));

    TokenGrant grant = ((Credentials.OAuth) Credentials.parse(secret)).grant();

    assertThat(grant.clientSecret()).isNull();
    assertThat(grant.refreshToken()).isEqualTo("again");
    assertThat(grant.scope()).isEqualTo("mail send");
    assertThat(grant.roots()).containsExactly(root.certificate());
  }

  @ParameterizedTest
  @CsvSource({
    "username, 'has no key \"username\": it needs username, tokenEndpoint and clientId'",
    "clientId, 'has no key \"clientId\": it needs username, tokenEndpoint and clientId'",
    "clientSecret, 'has neither \"clientSecret\" nor \"refreshToken\": a token is given for one of"
        + " them'"
  })
  void areNotWholeWithout(String key, String why) {
    assertThatThrownBy(() -> Credentials.parse(octets(tokensWithout(key)))).hasMessage(why);
  }

  @Test
  void areNotBoth() {
    assertThatThrownBy(() -> Credentials.parse(octets(tokens("password", "x"))))
        .hasMessage("has both \"password\" and \"tokenEndpoint\": take one of them away");
    assertThatThrownBy(() -> Credentials.parse(octets(Map.of("username", "a"))))
        .hasMessage(
            "has no key \"password\": it needs username and password, or username and"
                + " tokenEndpoint");
  }

  @ParameterizedTest
  @ValueSource(strings = {"username", "clientId", "clientSecret", "refreshToken", "scope"})
  void holdNoLineBreakOrNothing(String key) {
    for (String value : List.of("", "hidden\n", "a\u0001b")) {
      assertThatThrownBy(() -> Credentials.parse(octets(tokens(key, value))))
          .hasMessage(
              "has a key \"%s\" that is empty, or holds a line break or control character", key);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://login.example.com/token",
        "https:login",
        "https:///token",
        "https://me:pw@login.example.com/token",
        "https://login.example.com/token#part",
        "login.example.com",
        "https://login example.com/"
      })
  void nameNoEndpointThatWouldShowASecret(String endpoint) {
    assertThatThrownBy(() -> Credentials.parse(octets(tokens("tokenEndpoint", endpoint))))
        .hasMessage("has a key \"tokenEndpoint\" that is no URL of the form https://host/path");
  }

  @Test
  void needRootsThatAreSome() {
    assertThatThrownBy(() -> Credentials.parse(octets(tokens("ca.crt", "x"))))
        .hasMessage("has a key \"ca.crt\" that holds no PEM certificate");
  }

  @Test
  void showNoSecretInTheirText() {
    assertThat(Credentials.parse(octets(TOKENS)).toString()).doesNotContain("hush");
    assertThat(new Credentials.Password("a", "hush").toString()).doesNotContain("hush");
  }
}
