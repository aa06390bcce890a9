package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenIssuerTest {
  private static final String DISCOVERY =
      "{\"issuer\":\"https://kubernetes.default.svc\",\"jwks_uri\":\"https://10.0.0.1/openid/v1/jwks\"}";
  private static final String A = "{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}";
  private static final String B =
      "{\"use\":\"sig\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"Ag\",\"kid\":\"b\"}";

  @Test
  void theSameKeysAreTheSameText() {
    TokenIssuer one = TokenIssuer.of(DISCOVERY, "{\"keys\":[" + A + "," + B + "]}");
    TokenIssuer other = TokenIssuer.of(DISCOVERY, "{ \"keys\": [" + B + ", " + A + "] }\n");

    assertThat(one).isEqualTo(other);
    assertThat(one.issuer()).isEqualTo("https://kubernetes.default.svc");
    assertThat(one.keys())
        .isEqualTo(
            "{\"keys\":[{\"e\":\"AQAB\",\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"AQ\"},{\"crv\":\"P-256\","
                + "\"kid\":\"b\",\"kty\":\"EC\",\"use\":\"sig\",\"x\":\"AQ\",\"y\":\"Ag\"}]}");
  }

  @Test
  void takesPublicHalvesOnly() {
    String withMore = A.replace("}", ",\"d\":\"secret\",\"x5u\":\"https://evil.example\"}");

    assertThat(TokenIssuer.of(DISCOVERY, "{\"keys\":[" + withMore + "]}"))
        .isEqualTo(TokenIssuer.of(DISCOVERY, "{\"keys\":[" + A + "]}"));
  }

  @ParameterizedTest
  @CsvSource({
    "'{}', '{\"keys\":[{\"kid\":\"a\"}]}', names no issuer",
    "'{\"issuer\":\"x\"}', '{\"keys\":[]}', has no keys",
    "'{\"issuer\":\"x\"}', '{}', has no keys",
    "'<html>', '{}', not JSON",
    "'{\"issuer\":\"x\"}', 'no', not JSON",
  })
  void refusesOtherDocuments(String discovery, String jwks, String why) {
    assertThatThrownBy(() -> TokenIssuer.of(discovery, jwks))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
