package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.api.ApiGroup;
import dev.bridgehead.validation.ErrorType;
import dev.bridgehead.validation.FieldError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a document has the shape of an SmtpConnector: what the API server says at once. */
final class Shape {
  private static final String DEFINITION =
      "/dev/bridgehead/crds/smtpconnectors.bridgehead.dev.yaml";
  private static final JsonNode SPEC = specSchema();

  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  /** metav1.ObjectMeta. */
  private static final Set<String> METADATA =
      Set.of(
          "name",
          "generateName",
          "namespace",
          "labels",
          "annotations",
          "finalizers",
          "ownerReferences",
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "managedFields",
          "selfLink");

  private final List<FieldError> errors = new ArrayList<>();

  private Shape() {}

  /** Every fault of shape, in the order of the document. */
  static List<FieldError> judge(ObjectNode document) {
    Shape shape = new Shape();
    shape.judgeHead(document);
    shape.judgeMetadata(document.path("metadata"));
    if (document.hasNonNull("spec")) {
      new SchemaJudge(shape.errors).judge("spec", SPEC, document.path("spec"));
    } else {
      shape.error("spec", ErrorType.REQUIRED, "");
    }
    return List.copyOf(shape.errors);
  }

  /** What is wrong with a kind that is not there, or that our group doesn't have. */
  static FieldError kind(ManifestDocument document) {
    return document.kind().isEmpty()
        ? new FieldError(document.item() + "kind", ErrorType.REQUIRED, "")
        : SchemaJudge.unsupported(
            document.item() + "kind", document.kind(), List.of(ManifestDocument.CONNECTOR));
  }

  private void judgeHead(ObjectNode document) {
    String version = document.path("apiVersion").asText("");
    if (version.isEmpty()) {
      error("apiVersion", ErrorType.REQUIRED, "");
    } else if (!version.equals(ApiGroup.API_VERSION)) {
      errors.add(SchemaJudge.unsupported("apiVersion", version, List.of(ApiGroup.API_VERSION)));
    }
    for (String field : (Iterable<String>) document::fieldNames) {
      if (!Set.of("apiVersion", "kind", "metadata", "spec", "status").contains(field)) {
        errors.add(
            SchemaJudge.unknown(
                SchemaJudge.printable(field),
                field,
                List.of("apiVersion", "kind", "metadata", "spec")));
      }
    }
  }

  private void judgeMetadata(JsonNode metadata) {
    if (!metadata.isObject()) {
      error("metadata.name", ErrorType.REQUIRED, "");
      return;
    }
    for (String field : (Iterable<String>) metadata::fieldNames) {
      if (!METADATA.contains(field)) {
        errors.add(
            SchemaJudge.unknown(
                "metadata." + SchemaJudge.printable(field),
                field,
                List.of("name", "namespace", "labels", "annotations")));
      }
    }
    if (metadata.path("name").isMissingNode() || metadata.path("name").asText().isEmpty()) {
      error("metadata.name", ErrorType.REQUIRED, "");
    }
    judgeText("metadata.name", metadata.path("name"));
    judgeText("metadata.namespace", metadata.path("namespace"));
    judgeNamespace(metadata.path("namespace").asText(""));
    judgeTexts("metadata.labels", metadata.path("labels"));
    judgeTexts("metadata.annotations", metadata.path("annotations"));
  }

  private void judgeNamespace(String namespace) {
    if (!namespace.isEmpty() && !NAMESPACE.matcher(namespace).matches()) {
      errors.add(
          FieldError.invalid(
              "metadata.namespace",
              namespace,
              "must be an RFC 1123 label: at most 63 lower-case letters, digits and hyphens"));
    }
  }

  private void judgeText(String field, JsonNode value) {
    if (!value.isTextual() && !value.isMissingNode() && !value.isNull()) {
      errors.add(SchemaJudge.wrongType(field, "string", value));
    }
  }

  private void judgeTexts(String field, JsonNode map) {
    if (!map.isObject() && !map.isMissingNode() && !map.isNull()) {
      errors.add(SchemaJudge.wrongType(field, "object", map));
      return;
    }
    map.properties()
        .forEach(
            entry ->
                judgeText(field + "." + SchemaJudge.printable(entry.getKey()), entry.getValue()));
  }

  private void error(String field, ErrorType type, String message) {
    errors.add(new FieldError(field, type, message));
  }

  private static JsonNode specSchema() {
    try (InputStream file = Shape.class.getResourceAsStream(DEFINITION)) {
      if (file == null) {
        throw new IllegalStateException(DEFINITION + " is missing from the jar");
      }
      ManifestFile definition = ManifestFile.of(DEFINITION, file.readAllBytes());
      return definition
          .documents()
          .getFirst()
          .tree()
          .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
