package dev.bridgehead.relay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.ManifestReader;
import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.auth.Mechanism;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Who may log in, as a manifest has it. */
class AccountsTest {
  private static final String HASH =
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
          + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  private static final String ISSUER =
      """
      {bridgehead.dev/token-issuer: https://kubernetes.default.svc, bridgehead.dev/token-keys:
        '{"keys":[{"kid":"a","kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'}""";

  private static final String TOKENS = "serviceAccounts: [{namespace: shop, name: web}]";

  private static String manifest(String annotations, String access, String users) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet, namespace: mail, annotations: %s}
        spec:
          routing: {mode: DNS}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
          access: {%s}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: users, namespace: mail}
        stringData: {users: "%s"}
        """
        .formatted(annotations.replace("\n", " "), access, users);
  }

  private static Accounts read(String manifest, boolean laptop) throws ManifestException {
    return RelayConfig.of(
            ManifestReader.connector(manifest.getBytes(StandardCharsets.UTF_8)),
            "abc",
            null,
            "cluster.local",
            laptop)
        .access()
        .accounts();
  }

  @Test
  void withoutAnyNobodyMayLogIn() throws Exception {
    assertThat(read(manifest("{}", "", ""), false)).isEqualTo(Accounts.NONE);
  }

  @Test
  void usersComeFromTheirSecret() throws Exception {
    Accounts accounts =
        read(manifest("{}", "usersSecretRef: {name: users}", "shop@example.com:" + HASH), false);

    assertThat(accounts.has("shop@example.com")).isTrue();
    assertThat(accounts.has("web")).isFalse();
    assertThat(accounts.mechanisms()).contains(Mechanism.SCRAM_SHA_256);
  }

  @Test
  void everyFaultOfTheListIsALineWithoutAWordOfIt() {
    assertThatThrownBy(
            () ->
                read(
                    manifest("{}", "usersSecretRef: {name: users}", "web:hunter2\\nsecret"), false))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining(
            "spec.access.usersSecretRef: the Secret \"users\": the key \"users\": line 1 has no"
                + " hash")
        .hasMessageContaining("line 2 ")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aMissingSecretIsNamed() {
    assertThatThrownBy(() -> read(manifest("{}", "usersSecretRef: {name: other}", ""), true))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("spec.access.usersSecretRef: Not found: \"other\"");
  }

  @Test
  void tokensAreCheckedWithWhatTheOperatorAdds() throws Exception {
    Accounts accounts = read(manifest(ISSUER, TOKENS, ""), false);

    assertThat(accounts.has("system:serviceaccount:shop:web")).isTrue();
    assertThat(accounts.has("system:serviceaccount:mail:web")).isFalse();
    assertThat(String.valueOf(accounts.tokens()))
        .contains("https://kubernetes.default.svc", "internet.mail.svc", "[a]");
    assertThat(accounts.mechanisms()).contains(Mechanism.OAUTHBEARER);
  }

  @Test
  void aRelayDoesNotGoWithoutThem() {
    assertThatThrownBy(() -> read(manifest("{}", TOKENS, ""), false))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("bridgehead.dev/token-keys");
    assertThatThrownBy(() -> read(manifest(ISSUER.replace("P-256", "P-1"), TOKENS, ""), false))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("the keys must hold");
  }

  @Test
  void aLaptopLeavesThemOutAndSaysSo() throws Exception {
    String manifest = manifest("{}", TOKENS, "");

    assertThat(read(manifest, true)).isEqualTo(Accounts.NONE);
    assertThat(
            RelayConfig.leftOutOnALaptop(
                ManifestReader.connector(manifest.getBytes(StandardCharsets.UTF_8))))
        .singleElement()
        .asString()
        .startsWith("spec.access.serviceAccounts is not in force here");
  }

  @Test
  void aLaptopTakesThemFromTheManifestToo() throws Exception {
    assertThat(read(manifest(ISSUER, TOKENS, ""), true).tokens()).isNotNull();
  }
}
