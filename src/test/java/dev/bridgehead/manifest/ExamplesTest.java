package dev.bridgehead.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
  static Stream<Path> examples() throws IOException {
    return Files.list(Path.of("examples"))
        .filter(file -> file.toString().endsWith(".yaml"))
        .sorted();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void areAcceptedWithoutAWarning(Path example) throws IOException {
    ManifestFile file = ManifestFile.read(example.toString(), InputStream.nullInputStream());

    assertThat(file.faults()).isEmpty();
    assertThat(file.documents().stream().filter(ManifestDocument::isOurs))
        .singleElement()
        .extracting(document -> Judgement.of(document, "cluster.local"))
        .satisfies(
            judgement -> {
              assertThat(judgement.errorLines()).isEmpty();
              assertThat(judgement.warningLines()).isEmpty();
            });
    assertThat(ManifestReader.connector(List.of(example)).spec().allowedClients()).isNotEmpty();
  }

  @Test
  void quickstartNeedsNoRoot() throws IOException {
    var connector = ManifestReader.connector(List.of(Path.of("examples/quickstart.yaml")));

    assertThat(connector.spec().bridgeheads())
        .allSatisfy(
            b -> assertThat(b.virtualServerOrDefault().portOrDefault()).isGreaterThan(1023));
  }

  @Test
  void smartHostFindsItsSecretInTheSameFile() throws IOException {
    var connector = ManifestReader.connector(List.of(Path.of("examples/smart-host.yaml")));

    assertThat(connector.spec().routing().smartHostsOrNone())
        .allSatisfy(
            host ->
                assertThat(connector.secrets())
                    .containsKey(Objects.requireNonNull(host.credentialsRef()).name()));
  }
}
