package dev.bridgehead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestReaderTest {
  private static final String CONNECTOR =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata:
        name: internet
        namespace: mail
        generation: 3
        annotations: {bridgehead.dev/cluster-domain: cluster.local}
      spec:
        routing:
          mode: SmartHost
          smartHosts: [{host: smtp.example.net, port: 587, credentialsRef: {name: relay}}]
        bridgeheads: [{name: edge, hostname: mail.example.com}]
        outbound: {tls: {mode: Verified, caBundleRef: {name: ca}}}
      """;
  private static final String SECRET =
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: relay}
      data:
        username: |
          dXNl
          cg==
        password: b2xk
      stringData: {password: new}
      """;
  private static final String CONFIG_MAP =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: ca, namespace: mail}
      data: {ca.crt: PEM}
      binaryData: {ca.der: AAE=}
      """;

  private final Path folder;

  ManifestReaderTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Path file(String name, String... documents) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("---\n", documents));
  }

  @Test
  void readsAConnectorWithWhatItNamesFromSeveralFiles() throws IOException {
    ConnectorManifest read =
        ManifestReader.connector(
            List.of(file("a.yaml", SECRET, CONNECTOR), file("b.yaml", CONFIG_MAP)));

    assertThat(read.name()).isEqualTo("internet");
    assertThat(read.namespace()).isEqualTo("mail");
    assertThat(read.generation()).isEqualTo(3);
    assertThat(read.annotations()).containsEntry("bridgehead.dev/cluster-domain", "cluster.local");
    assertThat(read.spec().routing().smartHostsOrNone()).hasSize(1);
    assertThat(read.secrets().get("relay"))
        .containsEntry("username", "user".getBytes(UTF_8))
        .containsEntry("password", "new".getBytes(UTF_8));
    assertThat(read.configMaps().get("ca"))
        .containsEntry("ca.crt", "PEM".getBytes(UTF_8))
        .containsEntry("ca.der", new byte[] {0, 1});
    assertThat(read.toString()).contains("relay").doesNotContain("new");
  }

  @Test
  void leavesObjectsOfOtherNamespacesOut() throws IOException {
    String elsewhere = SECRET.replace("name: relay", "name: relay, namespace: other");

    assertThat(ManifestReader.connector(List.of(file("a.yaml", CONNECTOR, elsewhere))).secrets())
        .isEmpty();
  }

  @Test
  void takesWhatTheOperatorWroteAndIgnoresNewerFields() throws IOException {
    String newer = CONNECTOR + "  invented: {in: v2}\n  postmaster: nobody\n";

    ConnectorManifest read = ManifestReader.connector((newer + "---\n" + SECRET).getBytes(UTF_8));

    assertThat(read.spec().postmaster()).isEqualTo("nobody");
    assertThat(read.secrets()).containsKey("relay");
  }

  @Test
  void refusesWithALineForEveryFault() throws IOException {
    Path file = file("a.yaml", CONNECTOR.replace("smtp.example.net", "smtp").replace("587", "x"));

    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(file)))
        .satisfies(refused -> assertThat(refused.isUnreadable()).isFalse())
        .extracting(refused -> String.valueOf(refused.getMessage()).lines().toList())
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(2)
        .allSatisfy(line -> assertThat(line.toString()).startsWith(file + "[1]: spec.routing."));
  }

  @Test
  void handsOutWarnings() throws IOException {
    List<String> warnings = new ArrayList<>();
    Path file = file("a.yaml", CONNECTOR);

    ManifestReader.connector(List.of(file), "cluster.local", warnings::add);

    assertThat(warnings).anyMatch(w -> w.startsWith(file + "[1]: spec.postmaster: Warning: "));
  }

  @Test
  void knowsTheClusterDomain() throws IOException {
    Path file =
        file("a.yaml", CONNECTOR.replace("smtp.example.net", "internet.mail.svc.k8s.example.org"));

    assertThat(ManifestReader.connector(List.of(file)).name()).isEqualTo("internet");
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(
            () -> ManifestReader.connector(List.of(file), "k8s.example.org", warning -> {}));
  }

  @Test
  void wantsExactlyOneConnector() throws IOException {
    Path none = file("none.yaml", SECRET);
    Path two = file("two.yaml", CONNECTOR, CONNECTOR.replace("internet", "second"));

    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(none)))
        .withMessage("no SmtpConnector in what was given with -f");
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(two)))
        .withMessage(
            two
                + "[2]: a second SmtpConnector, after "
                + two
                + "[1]: give files with exactly one in all");
  }

  @Test
  void saysWhatIsWrongWithASecretWithoutShowingIt() throws IOException {
    Path notBase64 = file("a.yaml", CONNECTOR, SECRET.replace("b2xk", "hunter2!"));
    Path number = file("b.yaml", CONNECTOR, SECRET.replace("password: new", "password: 12345"));
    Path twice = file("c.yaml", CONNECTOR, SECRET, SECRET);

    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(notBase64)))
        .withMessage(
            notBase64
                + "[2]: data.password: Invalid value: must be base64; plain text belongs into stringData");
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(number)))
        .withMessage(
            number + "[2]: stringData.password: Invalid value: must be a string; put it in quotes");
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(twice)))
        .withMessage(twice + "[3]: metadata.name: a second Secret \"relay\"");
  }

  @Test
  void saysWhyAFileCanNotBeRead() throws IOException {
    Path missing = folder.resolve("missing.yaml");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xFF, 0, 1});
    Path broken = file("broken.yaml", "a: [\n");

    unreadable(missing, missing + ": no such file");
    unreadable(folder, folder + ": cannot be read: it is a directory; name the files in it");
    unreadable(binary, binary + ": not UTF-8 text");
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(broken)))
        .withMessageStartingWith(broken + "[1]: line 2, column 1: not valid YAML: ");
  }

  private static void unreadable(Path file, String message) {
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestReader.connector(List.of(file)))
        .withMessage(message)
        .satisfies(failure -> assertThat(failure.isUnreadable()).isTrue());
  }
}
