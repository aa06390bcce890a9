package dev.bridgehead.api;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The custom resource definitions, made from the records. The generator writes types, bounds and
 * descriptions; what it has no words for (list types, integers that are integers, quantities,
 * descriptions of whole types) is added here.
 */
final class Schemas {
  /** apimachinery's pattern of a quantity, as controller-gen writes it. */
  private static final String QUANTITY =
      "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

  private static final int MAX_QUANTITY = 32;

  /** By the path of the list below the version's schema. */
  private static final Map<String, String> MAP_KEYS =
      Map.of(
          "spec.bridgeheads", "name",
          "spec.addressSpaces", "domain",
          "status.conditions", "type",
          "status.bridgeheads", "name");

  private static final List<String> SETS =
      List.of(
          "spec.access.allowedClients",
          "spec.access.xclientPeers",
          "spec.service.proxyProtocol.trustedPeers");

  private static final Map<Class<?>, List<Class<?>>> KINDS =
      Map.of(
          SmtpConnector.class, List.of(SmtpConnectorSpec.class, SmtpConnectorStatus.class),
          Bridgehead.class, List.of(BridgeheadSpec.class, BridgeheadStatus.class));

  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .build());

  private Schemas() {}

  /** File name to content of every definition. */
  static Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    files.put("smtpconnectors.bridgehead.dev.yaml", definition(SmtpConnector.class));
    files.put("bridgeheads.bridgehead.dev.yaml", definition(Bridgehead.class));
    return files;
  }

  private static String definition(Class<? extends CustomResource<?, ?>> kind) throws IOException {
    AtomicReference<HasMetadata> made = new AtomicReference<>();
    new CRDGenerator()
        .customResourceClasses(kind)
        .withParallelGenerationEnabled(false)
        .withPostProcessor(
            new CRDPostProcessor() {
              @Override
              public HasMetadata process(HasMetadata crd, String version) {
                made.set(crd);
                return crd;
              }
            })
        .withOutput(new Discarded())
        .generate();
    ObjectNode tree = YAML.valueToTree(made.get());
    for (JsonNode version : tree.path("spec").path("versions")) {
      orderColumns((ArrayNode) version.path("additionalPrinterColumns"), kind);
      complete((ObjectNode) version.path("schema").path("openAPIV3Schema"), kind);
    }
    return "# Made from the records in dev.bridgehead.api; do not edit: "
        + CrdsTest.COMMAND
        + "\n"
        + YAML.writeValueAsString(tree);
  }

  /** The generator sorts columns by path; here they come as the annotations have them. */
  private static void orderColumns(ArrayNode columns, Class<?> kind) {
    Map<String, JsonNode> byName = new HashMap<>();
    columns.forEach(column -> byName.put(column.path("name").asText(), column));
    columns.removeAll();
    for (var column : kind.getAnnotationsByType(AdditionalPrinterColumn.class)) {
      columns.add(((ObjectNode) requireNonNull(byName.get(column.name()))).without("priority"));
    }
  }

  private static void complete(ObjectNode schema, Class<?> kind) {
    schema.put("description", description(kind));
    ObjectNode properties = (ObjectNode) schema.path("properties");
    ((ObjectNode) properties.path("spec")).put("description", description(part(kind, 0)));
    ObjectNode status = (ObjectNode) properties.path("status");
    status.put("description", description(part(kind, 1)));
    // Nobody has looked at a new object yet. kstatus (Flux, helm --wait) takes one without a status
    // for done.
    status.putObject("default").put("observedGeneration", -1);
    schema.putArray("required").add("spec");
    for (String part : List.of("spec", "status")) {
      complete(part, (ObjectNode) properties.path(part));
    }
  }

  private static Class<?> part(Class<?> kind, int index) {
    return KINDS.getOrDefault(kind, List.of()).get(index);
  }

  private static String description(Class<?> type) {
    return type.getAnnotation(JsonClassDescription.class).value();
  }

  private static void complete(String path, ObjectNode schema) {
    for (String bound : List.of("minimum", "maximum")) {
      if (schema.path(bound).isNumber()) {
        schema.put(bound, schema.path(bound).intValue());
      }
    }
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      schema.remove("anyOf"); // says the same again, as a second and unreadable fault
      schema.put("pattern", QUANTITY);
      schema.put("maxLength", MAX_QUANTITY);
    }
    for (var property : schema.path("properties").properties()) {
      complete(path + "." + property.getKey(), (ObjectNode) property.getValue());
    }
    if (schema.path("items") instanceof ObjectNode items) {
      listType(path, schema);
      complete(path + "[]", items);
    }
    if (schema.path("additionalProperties") instanceof ObjectNode values) {
      complete(path + "{}", values);
    }
    Borrowed.complete(path, schema);
  }

  private static void listType(String path, ObjectNode schema) {
    if (MAP_KEYS.containsKey(path)) {
      schema.put("x-kubernetes-list-type", "map");
      ArrayNode keys = JsonNodeFactory.instance.arrayNode().add(MAP_KEYS.get(path));
      schema.set("x-kubernetes-list-map-keys", keys);
    } else {
      schema.put("x-kubernetes-list-type", SETS.contains(path) ? "set" : "atomic");
    }
  }

  /** The generator insists on writing somewhere. */
  private static final class Discarded implements CRDGenerator.CRDOutput<OutputStream> {
    @Override
    public OutputStream outputFor(String name) {
      return new ByteArrayOutputStream();
    }

    @Override
    public URI crdURI(String name) {
      return URI.create("file:///" + name);
    }

    @Override
    public void close() {}
  }
}
