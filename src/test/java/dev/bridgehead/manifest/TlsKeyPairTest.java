package dev.bridgehead.manifest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.testbed.SelfSigned;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsKeyPairTest {
  private static final SelfSigned EC = SelfSigned.of("mail.example.com");
  private static final SelfSigned OTHER = SelfSigned.of("mail.example.com");

  @ParameterizedTest
  @CsvSource({"EC,256", "EC,384", "EC,521", "RSA,2048", "RSA,4096", "Ed25519,0"})
  void readsWhatSuitsTls(String algorithm, int bits) {
    SelfSigned made = SelfSigned.of("a.example", algorithm, bits, Duration.ofDays(1));
    assertThat(made.keyPair().chain()).containsExactly(made.certificate());
    assertThat(made.keyPair().key()).isEqualTo(made.keys().getPrivate());
  }

  @ParameterizedTest
  @CsvSource({"EC,256,EC PRIVATE KEY", "RSA,2048,RSA PRIVATE KEY"})
  void readsTheOlderFormsOfKeys(String algorithm, int bits, String header) {
    SelfSigned made = SelfSigned.of("a.example", algorithm, bits, Duration.ofDays(1));
    assertThat(made.oldKeyPem()).contains(header);
    // That they belong together is proven by their use.
    assertThat(TlsKeyPair.parse(data(made.certificatePem(), made.oldKeyPem())).chain())
        .containsExactly(made.certificate());
  }

  @Test
  void readsAKeyWithTheCurveBeforeIt() {
    String parameters =
        """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        """;
    assertThat(TlsKeyPair.parse(data(EC.certificatePem(), parameters + EC.oldKeyPem())).chain())
        .containsExactly(EC.certificate());
  }

  @Test
  void keepsTheChainInItsOrder() {
    assertThat(
            TlsKeyPair.parse(data(EC.certificatePem() + OTHER.certificatePem(), EC.keyPem()))
                .chain())
        .containsExactly(EC.certificate(), OTHER.certificate());
  }

  @Test
  void takesAnExpiredCertificate() {
    SelfSigned expired = SelfSigned.of("a.example", "EC", 256, Duration.ofDays(-1));
    assertThat(expired.keyPair().chain()).hasSize(1);
  }

  @Test
  void saysWhichFaultWhichKeyHas() {
    refused(Map.of(), "no key \"tls.crt\": it needs tls.crt and tls.key");
    refused(
        Map.of("tls.crt", EC.certificatePem().getBytes(US_ASCII)),
        "no key \"tls.key\": it needs tls.crt and tls.key");
    refused(data("nonsense", EC.keyPem()), "tls.crt holds no PEM certificate");
    refused(data(EC.certificatePem(), "nonsense"), "tls.key holds no PEM private key");
    refused(data(EC.certificatePem(), EC.certificatePem()), "tls.key holds no PEM private key");
    refused(
        data(EC.certificatePem(), OTHER.keyPem()),
        "tls.key does not belong to the first certificate in tls.crt");
    refused(
        data(OTHER.certificatePem() + EC.certificatePem(), EC.keyPem()),
        "tls.key does not belong to the first certificate in tls.crt");
    refused(
        data(
            EC.certificatePem(),
            SelfSigned.of("a.example", "RSA", 2048, Duration.ofDays(1)).keyPem()),
        "tls.key does not belong to the first certificate in tls.crt");
  }

  @Test
  void refusesWhatTlsClientsRefuse() {
    SelfSigned weak = SelfSigned.of("a.example", "RSA", 1024, Duration.ofDays(1));
    refused(
        weak.data(),
        "tls.crt is for an RSA key of 1024 bits, which peers in TLS refuse: RSA of 2048 bits, or"
            + " ECDSA on P-256, suits all");
    SelfSigned dsa = SelfSigned.of("a.example", "DSA", 2048, Duration.ofDays(1));
    refused(
        dsa.data(),
        "tls.crt is for a key of type DSA, which peers in TLS refuse: RSA of 2048 bits, or ECDSA on"
            + " P-256, suits all");
  }

  @Test
  void saysThatAKeyIsEncrypted() {
    String encrypted =
        """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg1PqPcOaHLzQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFL2JwH0qXJqm0cYtHpUu3sEgZC0
        -----END ENCRYPTED PRIVATE KEY-----
        """;
    assertThatThrownBy(() -> TlsKeyPair.parse(data(EC.certificatePem(), encrypted)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("tls.key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN PRIVATE KEY-----\n!!! no base64 !!!\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMIG",
        "-----BEGIN EC PRIVATE KEY-----\nMAAA\n-----END EC PRIVATE KEY-----\n"
      })
  void saysThatAKeyIsBroken(String broken) {
    refused(data(EC.certificatePem(), broken), "tls.key holds no PEM private key");
  }

  @Test
  void namesTheKeysThatItWasAskedFor() {
    assertThatThrownBy(() -> TlsKeyPair.parse(Map.of(), "next.crt", "next.key"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no key \"next.crt\": it needs next.crt and next.key");
  }

  @Test
  void neverShowsTheKey() {
    assertThat(EC.keyPair().toString()).isEqualTo("TlsKeyPair[CN=mail.example.com]");
  }

  private static void refused(Map<String, byte[]> data, String message) {
    assertThatThrownBy(() -> TlsKeyPair.parse(data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static Map<String, byte[]> data(String certificate, String key) {
    Map<String, byte[]> data = new HashMap<>();
    data.put("tls.crt", certificate.getBytes(US_ASCII));
    data.put("tls.key", key.getBytes(US_ASCII));
    return data;
  }
}
