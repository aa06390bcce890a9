package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Access;
import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.RefKind;
import dev.bridgehead.operator.model.References.Resolution;
import dev.bridgehead.operator.model.References.Resolved;
import dev.bridgehead.operator.model.References.Unresolved;
import dev.bridgehead.testbed.SelfSigned;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReferencesTest {
  private final BridgeheadSpec spec = Samples.bridgehead(Samples.smartHost()).getSpec();
  private final Map<String, Map<String, String>> objects = new HashMap<>();

  @Test
  void needsNothingWhereNothingIsNamed() {
    BridgeheadSpec dns = Samples.bridgehead(Samples.dns(null, null)).getSpec();

    assertThat(References.resolve(dns, (kind, name) -> Optional.empty()))
        .isEqualTo(new Resolved(List.of()));
  }

  @Test
  void saysWhichObjectIsMissingAndWhoNamesIt() {
    assertThat(problems())
        .containsExactlyInAnyOrder(
            "Secret relay does not exist (spec.routing.smartHosts[0].credentialsRef)",
            "ConfigMap our-ca does not exist (spec.outbound.tls.caBundleRef)");
  }

  @Test
  void saysWhichKeyIsMissingAndNoValue() {
    has(RefKind.SECRET, "relay", Map.of("username", "alice", "token", "hidden"));
    has(RefKind.CONFIG_MAP, "our-ca", Map.of("ca.crt", Samples.CERTIFICATE));

    assertThat(problems())
        .containsExactly(
            "Secret relay has no key password (spec.routing.smartHosts[0].credentialsRef)");
  }

  @Test
  void takesWhatAccessTokensAreGivenForInPlaceOfAPassword() {
    Map<String, String> login =
        Map.of(
            "username", "alice",
            "tokenEndpoint", "https://login.example.com/token",
            "clientId", "relay",
            "refreshToken", "again",
            "other", "not ours");
    has(RefKind.SECRET, "relay", login);
    has(RefKind.CONFIG_MAP, "our-ca", Map.of("ca.crt", Samples.CERTIFICATE));

    assertThat(((Resolved) resolve()).materials().getLast().data().keySet())
        .containsExactly("clientId", "refreshToken", "tokenEndpoint", "username");
  }

  @Test
  void saysWhatIsWrongWithALoginBeforeARelayMeetsIt() {
    has(
        RefKind.SECRET,
        "relay",
        Map.of("username", "alice", "clientId", "relay", "tokenEndpoint", "http://x/hidden"));
    has(RefKind.CONFIG_MAP, "our-ca", Map.of("ca.crt", Samples.CERTIFICATE));
    assertThat(problems())
        .containsExactly(
            "Secret relay has neither \"clientSecret\" nor \"refreshToken\": a token is given for"
                + " one of them (spec.routing.smartHosts[0].credentialsRef)");

    has(RefKind.SECRET, "relay", Map.of("username", "alice", "password", "of echo\n"));
    assertThat(problems())
        .containsExactly(
            "Secret relay has a key \"password\" that is empty, or holds a line break or control"
                + " character (spec.routing.smartHosts[0].credentialsRef)");
  }

  @Test
  void refusesACaBundleWithoutACertificate() {
    has(RefKind.SECRET, "relay", Map.of("username", "alice", "password", "secret"));
    has(RefKind.CONFIG_MAP, "our-ca", Map.of("ca.crt", "not a certificate"));

    assertThat(problems())
        .containsExactly(
            "ConfigMap our-ca: ca.crt holds no PEM certificate (spec.outbound.tls.caBundleRef)");
  }

  @Test
  void takesOnlyTheKeysThatAreUsed() {
    has(
        RefKind.SECRET,
        "relay",
        Map.of("username", "alice", "password", "secret", "other", "not ours"));
    has(RefKind.CONFIG_MAP, "our-ca", Map.of("ca.crt", Samples.CERTIFICATE, "notes", "x"));

    assertThat(resolve())
        .isInstanceOfSatisfying(
            Resolved.class,
            resolved -> {
              assertThat(resolved.materials())
                  .extracting(material -> material.data().keySet().toString())
                  .containsExactlyInAnyOrder("[password, username]", "[ca.crt]");
              assertThat(resolved.toString()).doesNotContain(base64("secret"));
            });
  }

  @Test
  void takesCertificateAndKeyOfAServerAndNothingElse() {
    SelfSigned server = SelfSigned.of("mail.example.com");
    Map<String, String> data = new HashMap<>(server.encoded());
    data.put("ca.crt", base64("of cert-manager"));

    assertThat(tls(data))
        .isEqualTo(
            new Resolved(List.of(new Material(RefKind.SECRET, "edge-tls", encoded(server)))));
  }

  @Test
  void saysWhatIsWrongWithAServersCertificate() {
    SelfSigned server = SelfSigned.of("mail.example.com");
    SelfSigned other = SelfSigned.of("mail.example.com");

    assertThat(tls(Map.of()))
        .isEqualTo(
            new Unresolved(
                List.of(
                    "Secret edge-tls has no key tls.crt (virtualServer.tls.secretRef)",
                    "Secret edge-tls has no key tls.key (virtualServer.tls.secretRef)")));
    Map<String, String> mixed = new HashMap<>(server.encoded());
    mixed.put("tls.key", other.encoded().getOrDefault("tls.key", ""));
    assertThat(tls(mixed))
        .isEqualTo(
            new Unresolved(
                List.of(
                    "Secret edge-tls: tls.key does not belong to the first certificate in tls.crt"
                        + " (virtualServer.tls.secretRef)")));
  }

  private static Resolution tls(Map<String, String> data) {
    BridgeheadSpec tls = Samples.bridgehead(Samples.tls("edge-tls", 465)).getSpec();
    return References.resolve(tls, (kind, name) -> Optional.of(data));
  }

  private static SortedMap<String, String> encoded(SelfSigned server) {
    return new TreeMap<>(server.encoded());
  }

  @Test
  void takesTheCertificateThatNextHopsAreShown() {
    SelfSigned client = SelfSigned.of("mail.example.com");
    Map<String, String> data = new HashMap<>(client.encoded());
    data.put("ca.crt", base64("of cert-manager"));

    assertThat(client(data))
        .isEqualTo(new Resolved(List.of(new Material(RefKind.SECRET, "client", encoded(client)))));
  }

  @Test
  void saysWhatIsWrongWithTheCertificateThatNextHopsAreShown() {
    Map<String, String> mixed = new HashMap<>(SelfSigned.of("mail.example.com").encoded());
    mixed.putAll(Map.of("tls.key", SelfSigned.of("other").encoded().getOrDefault("tls.key", "")));

    assertThat(client(mixed))
        .isEqualTo(
            new Unresolved(
                List.of(
                    "Secret client: tls.key does not belong to the first certificate in tls.crt"
                        + " (spec.outbound.tls.clientCertificateRef)")));
    assertThat(client(null))
        .isEqualTo(
            new Unresolved(
                List.of("Secret client does not exist (spec.outbound.tls.clientCertificateRef)")));
  }

  private static Resolution client(@Nullable Map<String, String> data) {
    BridgeheadSpec shown = Samples.bridgehead(Samples.clientCertificate("client")).getSpec();
    return References.resolve(shown, (kind, name) -> Optional.ofNullable(data));
  }

  @Test
  void readsTextAndBinaryOfAConfigMapAlike() {
    assertThat(References.base64(Map.of("a", "text"), Map.of("b", base64("binary"))))
        .isEqualTo(Map.of("a", base64("text"), "b", base64("binary")));
  }

  private Resolution resolve() {
    return References.resolve(
        spec, (kind, name) -> Optional.ofNullable(objects.get(kind + " " + name)));
  }

  private List<String> problems() {
    assertThat(resolve()).isInstanceOf(Unresolved.class);
    return ((Unresolved) resolve()).problems();
  }

  private void has(RefKind kind, String name, Map<String, String> texts) {
    Map<String, String> data = new HashMap<>();
    texts.forEach((key, value) -> data.put(key, base64(value)));
    objects.put(kind + " " + name, data);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static final String USERS =
      """
      shop:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=
      """;

  private Resolution ofUsers(String list) {
    has(RefKind.SECRET, "users", Map.of("users", list, "other", "not ours"));
    BridgeheadSpec login =
        Samples.bridgehead(Samples.dns(new Access(null, new LocalRef("users"), null, null, null)))
            .getSpec();
    return References.resolve(
        login, (kind, name) -> Optional.ofNullable(objects.get(kind + " " + name)));
  }

  @Test
  void takesTheListOfUsers() {
    assertThat(ofUsers(USERS))
        .isInstanceOfSatisfying(
            Resolved.class,
            resolved -> assertThat(resolved.materials()).hasToString("[SECRET users [users]]"));
  }

  @Test
  void saysWhichLineOfTheListIsFaultyAndNothingThatStandsThere() {
    assertThat(ofUsers(USERS + "web:hunter2"))
        .isEqualTo(
            new Unresolved(
                List.of(
                    "Secret users: users: line 2 has no hash: a password is never kept in clear"
                        + " text; `bridgehead user-hash NAME` makes a line"
                        + " (spec.access.usersSecretRef)")));
  }

  @Test
  void tokensNeedTheirIssuer() {
    TokenIssuer issuer = new TokenIssuer("https://kubernetes.default.svc", "{}");
    Resolved resolved = new Resolved(List.of());
    Unresolved unresolved = new Unresolved(List.of("Secret relay does not exist"));

    assertThat(References.with(resolved, issuer, "")).isEqualTo(new Resolved(List.of(), issuer));
    assertThat(References.with(unresolved, issuer, "")).isEqualTo(unresolved);
    assertThat(References.with(unresolved, null, "the issuer can't be read"))
        .isEqualTo(
            new Unresolved(
                List.of(
                    "Secret relay does not exist",
                    "the issuer can't be read (spec.access.serviceAccounts)")));
  }
}
