package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.webhook.Authorities.Lifetimes;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people, backups and other programs may leave in the Secret. */
class AuthoritySecretTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Authorities good = Authorities.first(NOW, Lifetimes.DEFAULT, RANDOM);
  private final Secret secret = AuthoritySecret.of("mail-system", "ca", good);

  @Test
  void isReadAsItWasWritten() throws GeneralSecurityException {
    Authorities next = good.succeeded(NOW, Lifetimes.DEFAULT, RANDOM);

    assertThat(AuthoritySecret.authorities(AuthoritySecret.of("mail-system", "ca", next)))
        .isEqualTo(next);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "\0\1\2",
        "-----BEGIN PRIVATE KEY-----\n!!! no base64 !!!\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMIG",
        "-----BEGIN EC PRIVATE KEY-----\nMAAA\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
      })
  void isUnusableWithGarbageForAKeyOrACertificate(String garbage) {
    for (String key : List.of("tls.key", "tls.crt")) {
      assertUnusable(with(key, garbage));
    }
  }

  @Test
  void isUnusableWithDataThatIsNoBase64() {
    assertUnusable(new SecretBuilder(secret).addToData("tls.crt", "%%%").build());
  }

  @Test
  void isUnusableWithoutData() {
    assertUnusable(new SecretBuilder(secret).withData(null).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "2026-13-01T00:00:00Z", "2026-03-01T00:00:00Z"})
  void isUnusableWithATimeButNoSuccessor(String time) {
    assertUnusable(
        new SecretBuilder(secret)
            .editMetadata()
            .addToAnnotations("bridgehead.dev/next-signs-from", time)
            .endMetadata()
            .build());
  }

  /** A server's certificate in its place: API servers would refuse whatever it signs. */
  @Test
  void isUnusableWithTheCertificateOfAServer() {
    ServerCertificate server =
        good.signing().issue(List.of("127.0.0.1"), NOW, Duration.ofDays(1), RANDOM);

    assertUnusable(
        with("tls.crt", text(Pem.of(List.of(server.certificate()))), text(Pem.of(server.key()))));
  }

  @Test
  void isUnusableWithAnotherKey() throws GeneralSecurityException {
    String other = text(Pem.of(KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate()));

    assertUnusable(with("tls.key", other));
  }

  private static void assertUnusable(Secret bad) {
    assertThatThrownBy(() -> AuthoritySecret.authorities(bad))
        .isInstanceOf(GeneralSecurityException.class);
  }

  private Secret with(String key, String text) {
    return new SecretBuilder(secret).addToData(key, base64(text)).build();
  }

  private Secret with(String key, String text, String privateKey) {
    return new SecretBuilder(with(key, text)).addToData("tls.key", base64(privateKey)).build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] pem) {
    return new String(pem, StandardCharsets.US_ASCII);
  }
}
