package dev.bridgehead.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table in {@code docs/rules.md} says what happens. */
class RulesTableTest {
  private static final String GOOD =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet, namespace: mail}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
        access: {allowedClients: [10.0.0.0/8]}
        postmaster: postmaster@example.com
      """;

  record Row(String number, String example, String message) {}

  static List<Row> rows() throws IOException {
    return Files.readAllLines(Path.of("docs/rules.md")).stream()
        .filter(line -> line.matches("\\| [0-9–]+ \\|.*`.*`.*`.*` \\|"))
        .map(line -> Arrays.stream(line.split(" \\| ")).toList())
        .map(cells -> new Row(cells.get(0).substring(2), code(cells.get(2)), code(cells.get(3))))
        .toList();
  }

  private static String code(String cell) {
    return cell.substring(cell.indexOf('`') + 1, cell.lastIndexOf('`'));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void exampleGetsTheMessageThatTheTableShows(Row row) throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    ObjectNode connector = (ObjectNode) yaml.readTree(GOOD);
    connector.withObjectProperty("spec").setAll((ObjectNode) yaml.readTree(row.example()));

    Judgement judgement = judge(yaml.writeValueAsBytes(connector));

    List<String> lines =
        row.message().contains(": Warning: ") ? judgement.warningLines() : judgement.errorLines();
    assertThat(lines).containsExactly("table[1]: " + row.message());
  }

  @Test
  void theConnectorWithoutAnExampleIsGood() {
    Judgement judgement = judge(GOOD.getBytes(StandardCharsets.UTF_8));

    assertThat(judgement.errorLines()).isEmpty();
    assertThat(judgement.warningLines()).isEmpty();
  }

  @Test
  void everyRuleHasARow() throws IOException {
    assertThat(rows())
        .extracting(Row::number)
        .containsAll(IntStream.rangeClosed(1, 12).mapToObj(Integer::toString).toList());
  }

  private static Judgement judge(byte[] manifest) {
    return Judgement.of(ManifestFile.of("table", manifest).documents().getFirst(), "cluster.local");
  }
}
