package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Whoever upgrades to an operator with another template has every relay replaced: that is to be
 * seen in a change, and told in {@code docs/operator.md}.
 */
class RelayTemplateTest {
  private static final Path FILE =
      Path.of("src/test/resources/dev/bridgehead/operator/relay-template.yaml");
  private static final String COMMAND =
      "./mvnw -q test -Dtest=RelayTemplateTest -Dbridgehead.template.write";
  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  @Test
  void isTheOneThatTheDocumentationNames() throws IOException {
    var template =
        RelayStatefulSet.of(
                BridgeheadKey.of(Samples.bridgehead(Samples.dns(null, null))),
                Samples.bridgehead(Samples.dns(null, null)).getSpec(),
                1,
                RelayEnvironment.of("bridgehead:1"),
                Optional.empty())
            .getSpec()
            .getTemplate();
    String text = YAML.writeValueAsString(template);
    if (System.getProperty("bridgehead.template.write") != null) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, text);
    }

    assertThat(FILE)
        .as(
            "the template of relays changes, and with it an upgrade of the operator replaces them:"
                + " add a line to \"Upgrades\" in docs/operator.md, then %s",
            COMMAND)
        .exists()
        .hasContent(text);
  }
}
