package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadResource;
import dev.bridgehead.operator.model.EffectiveConfig;
import dev.bridgehead.operator.model.RelayAutoscaler;
import dev.bridgehead.operator.model.RelayDisruptionBudget;
import dev.bridgehead.operator.model.RelayNetworkPolicy;
import dev.bridgehead.operator.model.RelayServices;
import dev.bridgehead.operator.model.RelayStatefulSet;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables in {@code docs/objects.md} say what the builders make. */
class ObjectsTableTest {
  private static final ObjectMapper YAML = new YAMLMapper();
  private static final Path TABLES = Path.of("docs/objects.md");
  private static final String SPEC =
      """
      routing: {mode: DNS}
      bridgeheads: [{name: edge, hostname: mail.example.com}]
      """;

  /**
   * @param setting YAML of a part of the spec, or a variable of the operator
   * @param object kind and name
   */
  record Row(String setting, String object, String field, String value) {}

  static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(TABLES)) {
      List<String> cells = Arrays.stream(line.split(" ?\\| ?")).skip(1).toList();
      if (!line.startsWith("| ") || !line.contains("`/")) {
        continue;
      }
      String setting = cells.getFirst();
      int rest = cells.size() - 3;
      rows.add(
          new Row(
              setting.equals("the same")
                  ? rows.getLast().setting()
                  : setting.startsWith("`") ? code(setting) : "{}",
              cells.get(rest).replace("`", ""),
              code(cells.get(rest + 1)),
              code(cells.get(rest + 2))));
    }
    return rows;
  }

  private static String code(String cell) {
    return cell.substring(cell.indexOf('`') + 1, cell.lastIndexOf('`'));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aSettingLeadsToWhatTheTableSays(Row row) throws IOException {
    boolean variable = row.setting().matches("[A-Z_]+=.*");
    Map<String, String> environment = new HashMap<>(Map.of("BRIDGEHEAD_IMAGE", "bridgehead:1"));
    environment.put("POD_NAMESPACE", "bridgehead");
    if (variable) {
      String[] parts = row.setting().split("=", 2);
      environment.put(parts[0], parts[1]);
    }
    JsonNode object =
        objects(variable ? "{}" : row.setting(), OperatorSettings.from(environment))
            .getOrDefault(row.object(), MissingNode.getInstance());

    assertThat(object.isObject()).as(row.object()).isTrue();
    assertThat(text(object.at(row.field()))).isEqualTo(text(YAML.readTree(row.value())));
  }

  /** Numbers and quantities as people write them. */
  private static String text(JsonNode node) {
    return node.isValueNode() ? node.asText() : node.toString();
  }

  @Test
  void everyFieldOfTheSpecHasARow() throws IOException {
    Set<String> fields = new TreeSet<>();
    JsonNode schema =
        YAML.readTree(Path.of("crds/smtpconnectors.bridgehead.dev.yaml").toFile())
            .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    collect("", schema, 2, fields);

    Set<String> told = new TreeSet<>();
    for (Row row : rows()) {
      if (!row.setting().matches("[A-Z_]+=.*")) {
        tell("", YAML.readTree(row.setting()), told);
      }
    }
    assertThat(told).containsAll(fields);
  }

  /** Fields down to a depth; items of a list are where the list is. */
  private static void collect(String path, JsonNode schema, int depth, Set<String> fields) {
    JsonNode properties =
        schema.has("items") ? schema.at("/items/properties") : schema.path("properties");
    if (depth == 0 || properties.isEmpty()) {
      fields.add(path);
      return;
    }
    properties
        .properties()
        .forEach(
            field -> collect(path + "/" + field.getKey(), field.getValue(), depth - 1, fields));
  }

  private static void tell(String path, JsonNode setting, Set<String> told) {
    told.add(path);
    setting
        .properties()
        .forEach(field -> tell(path + "/" + field.getKey(), field.getValue(), told));
    if (setting.isArray()) {
      setting.forEach(item -> tell(path, item, told));
    }
  }

  private static Map<String, JsonNode> objects(String setting, OperatorSettings settings)
      throws IOException {
    ObjectNode spec = (ObjectNode) YAML.readTree(SPEC);
    spec.setAll((ObjectNode) YAML.readTree(setting));
    SmtpConnector connector = new SmtpConnector();
    connector.getMetadata().setNamespace("mail");
    connector.getMetadata().setName("internet");
    connector.getMetadata().setUid("uid");
    connector.getMetadata().setGeneration(1L);
    connector.setSpec(YAML.treeToValue(spec, SmtpConnectorSpec.class));

    Bridgehead bridgehead = BridgeheadResource.allOf(connector).getFirst();
    BridgeheadSpec of = bridgehead.getSpec();
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    List<HasMetadata> made = new ArrayList<>();
    made.add(bridgehead);
    made.add(
        RelayServices.shared(
            "mail",
            "internet",
            "uid",
            of.serviceOrDefault(),
            BridgeheadResource.takeImplicitTls(List.of(bridgehead))));
    made.add(RelayServices.client(key, of.virtualServerOrDefault(), of.serviceOrDefault()));
    made.add(RelayServices.pods(key, of.virtualServerOrDefault(), of.serviceOrDefault()));
    made.add(RelayServices.account(key));
    made.add(
        RelayStatefulSet.of(key, of, of.replicasOrDefault(), settings.relays(), Optional.empty()));
    RelayNetworkPolicy.of(key, of.virtualServerOrDefault(), settings.relays()).ifPresent(made::add);
    RelayAutoscaler.of(key, of).ifPresent(made::add);
    made.add(RelayDisruptionBudget.of(key, 0));

    Map<String, JsonNode> objects = new HashMap<>();
    for (HasMetadata object : made) {
      objects.put(
          object.getKind() + " " + object.getMetadata().getName(),
          YAML.readTree(new KubernetesSerialization().asYaml(object)));
    }
    EffectiveConfig config =
        EffectiveConfig.of(
            bridgehead, List.of(), settings.clusterDomain(), List.of(), Optional.empty());
    objects.put("Secret internet-edge-effective", YAML.readTree(config.yaml()));
    return objects;
  }
}
