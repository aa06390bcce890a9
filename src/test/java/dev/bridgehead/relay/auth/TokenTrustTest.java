package dev.bridgehead.relay.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.auth.TokenTrust.Bad;
import dev.bridgehead.relay.auth.TokenTrust.Good;
import dev.bridgehead.relay.auth.TokenTrust.UnknownKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTrustTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final String WEB = "system:serviceaccount:shop:web";
  private static final Tokens RSA = Tokens.rsa(2048);
  private static final Tokens EC = Tokens.elliptic(256);

  /** As a kube-apiserver 1.36 writes them. */
  private static final String CLAIMS =
      """
      {"aud":["internet.mail.svc"],"exp":1800003000,"iat":1799999400,
       "iss":"https://kubernetes.default.svc","jti":"5a5c","kubernetes.io":{"namespace":"shop",
       "node":{"name":"n1","uid":"11"},"pod":{"name":"web-0","uid":"22"},
       "serviceaccount":{"name":"web","uid":"33"}},"nbf":1799999400,
       "sub":"system:serviceaccount:shop:web"}""";

  private static TokenTrust trust(Tokens... signers) {
    String jwks = Tokens.set(Stream.of(signers).map(Tokens::jwk).toArray(String[]::new));
    return TokenTrust.of(
        "https://kubernetes.default.svc",
        "internet.mail.svc",
        jwks,
        Set.of(WEB, "system:serviceaccount:shop:cron"));
  }

  static List<Tokens> signers() {
    return List.of(RSA, EC, Tokens.elliptic(384), Tokens.elliptic(521));
  }

  @ParameterizedTest
  @MethodSource("signers")
  void believesWhatTheClusterSigned(Tokens signer) {
    assertThat(trust(signer).judge(signer.token(CLAIMS), NOW)).isEqualTo(new Good(WEB));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"aud\":[\"internet.mail.svc\"]; \"aud\":\"internet.mail.svc\"",
        "\"aud\":[\"internet.mail.svc\"]; \"aud\":[\"other\",\"internet.mail.svc\"]",
        "\"nbf\":1799999400,; ''",
        "1800003000; 1800000001",
        "1800003000; 1800003007",
        "1799999400; 1800000060",
        "name\":\"web\",\"uid\":\"33\"; name\":\"web\",\"uid\":\"44\"",
      })
  void believesItInOtherForms(String claim, String other) {
    assertThat(trust(RSA).judge(RSA.token(changed(claim, other)), NOW)).isEqualTo(new Good(WEB));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"internet.mail.svc\"; \"other.mail.svc\"; another audience",
        "\"internet.mail.svc\"; \"https://kubernetes.default.svc\"; another audience",
        "[\"internet.mail.svc\"]; \"internet.mail.svc.\"; another audience",
        "[\"internet.mail.svc\"]; {\"a\":1}; another audience",
        "\"aud\":[\"internet.mail.svc\"],; ''; another audience",
        "https://kubernetes.default.svc; https://kubernetes.default.sv; another issuer",
        "\"exp\":1800003000; \"exp\":1800000000; has expired",
        "\"exp\":1800003000; \"exp\":1800003008; more than an hour",
        "\"exp\":1800003000; \"exp\":1831535400; more than an hour",
        "\"exp\":1800003000,; ''; no time of expiry",
        "\"exp\":1800003000; \"exp\":\"1800003000\"; no time of expiry",
        "\"exp\":1800003000; \"exp\":1.8e9; no time of expiry",
        "\"exp\":1800003000; \"exp\":9223372036854775808; no time of expiry",
        "\"iat\":1799999400,; ''; no time of expiry or issue",
        "\"iat\":1799999400; \"iat\":-1; no time of expiry or issue",
        "\"iat\":1799999400; \"iat\":1800000061; not valid yet",
        "\"nbf\":1799999400; \"nbf\":1800000061; not valid yet",
        "serviceaccount:shop:web; serviceaccount:shop:cron; no ServiceAccount's",
        "serviceaccount:shop:web; node:web; no ServiceAccount's",
        "\"namespace\":\"shop\"; \"namespace\":\"mail\"; no ServiceAccount's",
        "\"uid\":\"33\"; \"uid\":\"\"; no ServiceAccount's",
        "{\"aud\"; {\"iss\":\"x\",\"aud\"; no JSON Web Token",
      })
  void refusesAllElse(String claim, String other, String why) {
    assertThat(trust(RSA).judge(RSA.token(changed(claim, other)), NOW))
        .isInstanceOfSatisfying(Bad.class, bad -> assertThat(bad.why()).contains(why));
  }

  @Test
  void refusesOtherServiceAccounts() {
    String other = CLAIMS.replace("\"web\"", "\"job\"").replace("shop:web", "shop:job");

    assertThat(trust(RSA).judge(RSA.token(other), NOW))
        .isEqualTo(new Bad("system:serviceaccount:shop:job is not in access.serviceAccounts"));
  }

  @Test
  void anUnknownKeyMayBeANewOne() {
    assertThat(trust(EC).judge(RSA.token(CLAIMS), NOW)).isInstanceOf(UnknownKey.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"none\",\"kid\":\"rsa2048\"}",
        "{\"alg\":\"ES256\",\"kid\":\"rsa2048\"}",
        "{\"alg\":\"rs256\",\"kid\":\"rsa2048\"}",
        "{\"alg\":\"RS512\",\"kid\":\"rsa2048\"}",
        "{\"kid\":\"rsa2048\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa2048\",\"crit\":[\"b64\"],\"b64\":false}",
        "{\"alg\":\"RS256\",\"kid\":\"other\",\"kid\":\"rsa2048\"}",
        "[]",
        "",
        "{",
      })
  void theKeyDecidesTheAlgorithm(String header) {
    assertThat(trust(RSA, EC).judge(RSA.token(header, CLAIMS), NOW)).isInstanceOf(Bad.class);
  }

  @Test
  void noSignatureIsNoToken() {
    String[] parts = RSA.token(CLAIMS).split("\\.");

    String none = Tokens.base64("{\"alg\":\"none\",\"kid\":\"rsa2048\"}".getBytes(UTF_8));
    assertThat(trust(RSA).judge(none + "." + parts[1] + ".", NOW)).isInstanceOf(Bad.class);
    assertThat(trust(RSA).judge(parts[0] + "." + parts[1] + ".", NOW)).isInstanceOf(Bad.class);
    assertThat(trust(RSA).judge(parts[0] + "." + parts[1], NOW)).isInstanceOf(Bad.class);
  }

  /** An all-zero signature verified with every key, once (CVE-2022-21449). */
  @Test
  void zeroesAreNoSignature() {
    String content = EC.token(CLAIMS).replaceAll("\\.[^.]*$", ".");

    assertThat(trust(EC).judge(content + Tokens.base64(new byte[64]), NOW)).isInstanceOf(Bad.class);
  }

  /** The public key as the secret of HS256: whoever lets the token choose believes it. */
  @Test
  void thePublicKeyIsNoSecret() throws Exception {
    String content =
        Tokens.base64("{\"alg\":\"HS256\",\"kid\":\"rsa2048\"}".getBytes(UTF_8))
            + "."
            + Tokens.base64(CLAIMS.getBytes(UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(RSA.pair().getPublic().getEncoded(), "HmacSHA256"));
    String token = content + "." + Tokens.base64(mac.doFinal(content.getBytes(UTF_8)));

    assertThat(trust(RSA).judge(token, NOW)).isInstanceOf(Bad.class);
  }

  @Test
  void anyChangedOctetSpoilsAToken() {
    String token = EC.token(CLAIMS);
    TokenTrust trust = trust(EC);
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      String changed = token.substring(0, i) + other + token.substring(i + 1);
      assertThat(trust.judge(changed, NOW)).as(changed).isNotInstanceOf(Good.class);
    }
    String padded = token + "=";
    assertThat(trust.judge(padded, NOW)).isInstanceOf(Bad.class);
  }

  @Test
  void keysThatCanNotBeUsedAreLeftOut() {
    String weak = Tokens.rsa(1024).jwk();
    String unknown = "{\"kty\":\"OKP\",\"kid\":\"o\",\"crv\":\"Ed25519\",\"x\":\"AA\"}";
    String broken = "{\"kty\":\"RSA\",\"kid\":\"b\",\"n\":\"@\",\"e\":\"AQAB\"}";
    String encrypts = EC.jwk().replace("sig", "enc");

    assertThat(TokenKey.set(Tokens.set(weak, unknown, broken, encrypts, RSA.jwk())))
        .containsOnlyKeys("rsa2048");
    for (String none : List.of(Tokens.set(weak), Tokens.set(), "{}", "[]", "keys", "")) {
      assertThatThrownBy(() -> TokenKey.set(none))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .startsWith("must ");
    }
  }

  @Test
  void aTokenIsToldFromAPassword() {
    assertThat(TokenTrust.isMeant(RSA.token(CLAIMS))).isTrue();
    assertThat(TokenTrust.isMeant("eyJ.is.short")).isTrue();
    assertThat(TokenTrust.isMeant("correct.horse.battery")).isFalse();
    assertThat(TokenTrust.isMeant("eyJ a.b.c")).isFalse();
  }

  private static String changed(String claim, String other) {
    String changed = CLAIMS.replace(claim, other);
    assertThat(changed).isNotEqualTo(CLAIMS);
    return changed;
  }

  @Test
  void theTestsTokensAreRealOnes() {
    assertThat(new String(Base64.getUrlDecoder().decode(RSA.token(CLAIMS).split("\\.")[0]), UTF_8))
        .isEqualTo("{\"alg\":\"RS256\",\"kid\":\"rsa2048\"}");
    assertThat(trust(RSA).users()).isEqualTo(Set.of(WEB, "system:serviceaccount:shop:cron"));
    assertThat(Map.copyOf(trust(RSA).keys())).hasSize(1);
  }
}
