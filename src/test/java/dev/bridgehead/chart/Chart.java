package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.Helm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The chart as Helm renders it, in the namespace {@code mail-system}. */
final class Chart {
  static final String FOLDER = "helm/bridgehead";
  static final ObjectMapper YAML = new YAMLMapper();

  private Chart() {}

  static JsonNode object(String kind, List<String> settings) throws IOException {
    return objects(kind, settings).stream()
        .findFirst()
        .orElseThrow(() -> new AssertionError("the chart has no " + kind));
  }

  static List<JsonNode> objects(String kind, List<String> settings) throws IOException {
    List<JsonNode> found = new ArrayList<>();
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(rendered(settings))) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.path("kind").asText().equals(kind)) {
          found.add(document);
        }
      }
    }
    return found;
  }

  static String rendered(List<String> settings) {
    Command.Result result = template(settings);
    assertThat(result.status()).as(result.err()).isZero();
    return result.out();
  }

  static Command.Result template(List<String> settings) {
    return Helm.command("template", "bridgehead", FOLDER, "--namespace", "mail-system")
        .with("--no-hooks") // what `helm test` makes has a test of its own
        .with(set(settings))
        .attempt();
  }

  static String[] set(List<String> settings) {
    return settings.stream().map(s -> "--set=" + s).toArray(String[]::new);
  }
}
