package dev.bridgehead.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrdsTest {
  static final String COMMAND = "./mvnw -q test -Dtest=CrdsTest -Dbridgehead.crds.write";

  private static final List<Path> FOLDERS =
      List.of(Path.of("crds"), Path.of("helm/bridgehead/files/crds"));

  @Test
  void definitionsAreWhatTheRecordsSayInBothPlaces() throws IOException {
    for (Map.Entry<String, String> file : Schemas.files().entrySet()) {
      for (Path folder : FOLDERS) {
        Path path = folder.resolve(file.getKey());
        if (System.getProperty("bridgehead.crds.write") != null) {
          Files.createDirectories(folder);
          Files.writeString(path, file.getValue());
        }
        assertThat(path)
            .as("%s has drifted from the records; rewrite it: %s", path, COMMAND)
            .exists()
            .hasContent(file.getValue());
      }
    }
  }

  @Test
  void everyFieldHasADescriptionAndEveryStringAndListABound() throws IOException {
    List<String> faults = new ArrayList<>();
    for (Map.Entry<String, String> file : Schemas.files().entrySet()) {
      JsonNode crd = new YAMLMapper().readTree(file.getValue());
      for (JsonNode version : crd.path("spec").path("versions")) {
        JsonNode schema = version.path("schema").path("openAPIV3Schema");
        assertThat(schema.path("description").asText()).isNotEmpty();
        schema.path("properties").properties().stream()
            .filter(part -> part.getKey().equals("spec") || part.getKey().equals("status"))
            .forEach(part -> check(file.getKey() + " " + part.getKey(), part.getValue(), faults));
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void aNewObjectSaysThatNobodyHasLookedAtItYet() throws IOException {
    for (String file : Schemas.files().values()) {
      assertThat(
              new YAMLMapper()
                  .readTree(file)
                  .at("/spec/versions/0/schema/openAPIV3Schema/properties/status/default")
                  .toString())
          .isEqualTo("{\"observedGeneration\":-1}");
    }
  }

  private static void check(String path, JsonNode schema, List<String> faults) {
    if (!path.endsWith("]")
        && !path.endsWith("}")
        && schema.path("description").asText().isEmpty()) {
      faults.add(path + " has no description");
    }
    boolean text = schema.path("type").asText().equals("string");
    if ((text || schema.has("x-kubernetes-int-or-string"))
        && !schema.has("enum")
        && !schema.has("maxLength")) {
      faults.add(path + " has no maxLength");
    }
    if (schema.path("type").asText().equals("array") && !schema.has("maxItems")) {
      faults.add(path + " has no maxItems");
    }
    if (schema.has("default") && !path.endsWith(" status")) {
      faults.add(path + " has a default, which the API server would write into the object");
    }
    schema
        .path("properties")
        .properties()
        .forEach(property -> check(path + "." + property.getKey(), property.getValue(), faults));
    if (schema.has("items")) {
      check(path + "[]", schema.path("items"), faults);
    }
    if (schema.path("additionalProperties").isObject()) {
      check(path + "{}", schema.path("additionalProperties"), faults);
    }
  }
}
