package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.Delivery;
import dev.bridgehead.api.RefKind;
import dev.bridgehead.manifest.ConnectorManifest;
import dev.bridgehead.manifest.ManifestReader;
import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.testbed.SelfSigned;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EffectiveConfigTest {
  private static final List<Material> MATERIALS =
      List.of(
          new Material(
              RefKind.SECRET,
              "relay",
              new TreeMap<>(Map.of("username", base64("yes"), "password", base64("pässwörd")))),
          new Material(
              RefKind.CONFIG_MAP, "our-ca", new TreeMap<>(Map.of("ca.crt", base64("PEM")))));

  private static final DrainOrder ORDER = new DrainOrder(2, "n1");

  private final Bridgehead bridgehead = Samples.bridgehead(Samples.smartHost());
  private final EffectiveConfig config =
      EffectiveConfig.of(
          bridgehead,
          List.of("10.96.0.9", "fd00::9"),
          "cluster.local",
          MATERIALS,
          Optional.empty());

  @Test
  void isReadAsTheConnectorWithOneBridgehead() throws Exception {
    ConnectorManifest read = ManifestReader.connector(octets(config));

    assertThat(read.name()).isEqualTo("internet");
    assertThat(read.namespace()).isEqualTo("mail");
    assertThat(read.generation()).isEqualTo(3);
    assertThat(read.annotations())
        .containsEntry("bridgehead.dev/own-addresses", "10.96.0.9,fd00::9")
        .containsEntry("bridgehead.dev/cluster-domain", "cluster.local")
        .doesNotContainKey("bridgehead.dev/drain-from");
    assertThat(read.spec().bridgeheads()).extracting(BridgeheadEntry::name).containsExactly("edge");
    assertThat(read.spec().routing()).isEqualTo(bridgehead.getSpec().routing());
    assertThat(read.spec().outbound()).isEqualTo(bridgehead.getSpec().outbound());
  }

  @Test
  void tellsTheRelayHowManyShareItsRateAndOtherwiseNothingAboutTheOthers() throws Exception {
    assertThat(ManifestReader.connector(octets(config)).spec().bridgeheads())
        .extracting(BridgeheadEntry::replicas)
        .containsOnlyNulls();
    Bridgehead limited = Samples.bridgehead(Samples.smartHost());
    BridgeheadSpec spec = limited.getSpec();
    limited.setSpec(
        new BridgeheadSpec(
            spec.connector(),
            spec.name(),
            spec.hostname(),
            3,
            null,
            spec.virtualServer(),
            spec.routing(),
            spec.addressSpaces(),
            spec.outbound(),
            spec.access(),
            spec.postmaster(),
            new Delivery(null, null, null, null, 600),
            spec.storage(),
            spec.deletion(),
            spec.pod(),
            spec.service()));

    EffectiveConfig shared =
        EffectiveConfig.of(limited, List.of(), "cluster.local", List.of(), Optional.empty());

    assertThat(ManifestReader.connector(octets(shared)).spec().bridgeheads())
        .extracting(BridgeheadEntry::replicas)
        .containsExactly(3);
  }

  @Test
  void carriesWhatTheSpecRefersTo() throws Exception {
    ConnectorManifest read = ManifestReader.connector(octets(config));

    assertThat(read.secrets().getOrDefault("relay", Map.of()))
        .containsEntry("password", "pässwörd".getBytes(StandardCharsets.UTF_8));
    assertThat(read.configMaps().getOrDefault("our-ca", Map.of()))
        .containsEntry("ca.crt", "PEM".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void carriesTheClientCertificateToTheRelay() throws Exception {
    SelfSigned client = SelfSigned.of("mail.example.com");
    EffectiveConfig effective =
        EffectiveConfig.of(
            Samples.bridgehead(Samples.clientCertificate("client")),
            List.of(),
            "cluster.local",
            List.of(new Material(RefKind.SECRET, "client", new TreeMap<>(client.encoded()))),
            Optional.empty());

    assertThat(TlsKeyPair.parse(secret(effective, "client"))).isEqualTo(client.keyPair());
  }

  private static Map<String, byte[]> secret(EffectiveConfig effective, String name)
      throws Exception {
    return ManifestReader.connector(octets(effective)).secrets().getOrDefault(name, Map.of());
  }

  @Test
  void isTheSameForTheSameInput() {
    EffectiveConfig again =
        EffectiveConfig.of(
            Samples.bridgehead(Samples.smartHost()),
            List.of("10.96.0.9", "fd00::9"),
            "cluster.local",
            MATERIALS,
            Optional.empty());

    assertThat(again).isEqualTo(config);
  }

  @Test
  void doesNotChangeWithTheNumberOfPods() {
    assertThat(of(1).hash()).isEqualTo(of(5).hash());
  }

  @Test
  void liesInTheSecretWithItsHashAndTheToken() throws Exception {
    Secret secret = config.secret(BridgeheadKey.of(bridgehead), "token");

    String expected =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets(config)));
    assertThat(secret.getMetadata().getName()).isEqualTo("internet-edge-effective");
    assertThat(secret.getData().get("hash")).isEqualTo(base64(expected));
    assertThat(EffectiveConfig.of(secret)).contains(config);
    assertThat(EffectiveConfig.token(secret)).contains("token");
  }

  @Test
  void aDrainingConfigurationDiffersInItsMarkOnly() throws Exception {
    ConnectorManifest draining = ManifestReader.connector(octets(draining()));
    ConnectorManifest running = ManifestReader.connector(octets(config));

    assertThat(draining.annotations()).containsEntry("bridgehead.dev/drain-from", "2");
    assertThat(draining.annotations()).containsAllEntriesOf(running.annotations());
    assertThat(draining.spec()).isEqualTo(running.spec());
    assertThat(draining.secrets().keySet()).isEqualTo(running.secrets().keySet());
    assertThat(draining().hash()).isNotEqualTo(config.hash());
    assertThat(draining())
        .isEqualTo(
            EffectiveConfig.of(
                bridgehead,
                List.of("10.96.0.9", "fd00::9"),
                "cluster.local",
                MATERIALS,
                Optional.of(ORDER)));
    assertThat(draining().draining(Optional.empty())).isEqualTo(config);
  }

  @Test
  void aSecondDrainFromTheSameOrdinalIsAnotherConfiguration() {
    assertThat(draining().drain()).contains(ORDER);
    assertThat(config.drain()).isEmpty();
    assertThat(draining().draining(Optional.of(new DrainOrder(2, "n2"))).hash())
        .isNotEqualTo(draining().hash());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "no: [yaml", "[]", "metadata: {annotations: {bridgehead.dev/drain-from: x}}"})
  void saysNothingOfDrainingWhereSomebodySpoiledIt(String yaml) {
    assertThat(new EffectiveConfig(yaml).drain()).isEmpty();
  }

  private EffectiveConfig draining() {
    return config.draining(Optional.of(ORDER));
  }

  private static EffectiveConfig of(int replicas) {
    return EffectiveConfig.of(
        Samples.bridgehead(Samples.dns(replicas, null)),
        List.of(),
        "cluster.local",
        List.of(),
        Optional.empty());
  }

  private static byte[] octets(EffectiveConfig config) {
    return config.yaml().getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void holdsWhatTokensAreCheckedWith() {
    TokenIssuer issuer = new TokenIssuer("https://kubernetes.default.svc", "{\"keys\":[]}");
    EffectiveConfig plain = of(1);

    EffectiveConfig trusting = plain.trusting(issuer);

    assertThat(plain.issuer()).isEmpty();
    assertThat(trusting.issuer()).contains(issuer);
    assertThat(trusting.hash()).isNotEqualTo(plain.hash());
    assertThat(trusting.draining(Optional.of(ORDER)).issuer()).contains(issuer);
    assertThat(trusting.trusting(issuer)).isEqualTo(trusting);
  }
}
