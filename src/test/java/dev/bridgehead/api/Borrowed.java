package dev.bridgehead.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * Fields whose types are Kubernetes' own. The generator finds their shape in the client's classes;
 * which fields are required, and bounds, are not there, and descriptions lead to Kubernetes' own.
 */
final class Borrowed {
  /** Field of ours to the field that {@code kubectl explain} knows. */
  private static final Map<String, String> ORIGINALS =
      Map.of(
          "spec.pod.affinity", "pod.spec.affinity",
          "spec.pod.tolerations", "pod.spec.tolerations",
          "spec.pod.topologySpreadConstraints", "pod.spec.topologySpreadConstraints",
          "spec.bridgeheads[].autoscaling.metrics", "hpa.spec.metrics",
          "spec.autoscaling.metrics", "hpa.spec.metrics");

  private static final String REQUIRED_TERM = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String PREFERRED_TERM = "preferredDuringSchedulingIgnoredDuringExecution[]";

  /** By the end of the path. */
  private static final Map<String, List<String>> REQUIRED =
      Map.ofEntries(
          Map.entry(".nodeAffinity." + REQUIRED_TERM, List.of("nodeSelectorTerms")),
          Map.entry(".nodeAffinity." + PREFERRED_TERM, List.of("preference", "weight")),
          Map.entry(".podAffinity." + REQUIRED_TERM + "[]", List.of("topologyKey")),
          Map.entry(".podAffinity." + PREFERRED_TERM, List.of("podAffinityTerm", "weight")),
          Map.entry(".podAntiAffinity." + REQUIRED_TERM + "[]", List.of("topologyKey")),
          Map.entry(".podAntiAffinity." + PREFERRED_TERM, List.of("podAffinityTerm", "weight")),
          Map.entry(".podAffinityTerm", List.of("topologyKey")),
          Map.entry(".matchExpressions[]", List.of("key", "operator")),
          Map.entry(".matchFields[]", List.of("key", "operator")),
          Map.entry(
              ".topologySpreadConstraints[]",
              List.of("maxSkew", "topologyKey", "whenUnsatisfiable")),
          Map.entry(".metrics[]", List.of("type")),
          Map.entry(".metrics[].resource", List.of("name", "target")),
          Map.entry(".metrics[].containerResource", List.of("container", "name", "target")),
          Map.entry(".metrics[].pods", List.of("metric", "target")),
          Map.entry(".metrics[].external", List.of("metric", "target")),
          Map.entry(".metrics[].object", List.of("describedObject", "metric", "target")),
          Map.entry(".target", List.of("type")),
          Map.entry(".metric", List.of("name")),
          Map.entry(".describedObject", List.of("kind", "name")));

  private static final List<String> SELECTING = List.of("In", "NotIn", "Exists", "DoesNotExist");

  /**
   * By the end of the path: what only the API server would refuse otherwise, when the pods are to
   * be made.
   */
  private static final Map<String, List<String>> CHOICES =
      Map.of(
          ".effect", List.of("NoSchedule", "PreferNoSchedule", "NoExecute"),
          ".whenUnsatisfiable", List.of("DoNotSchedule", "ScheduleAnyway"),
          ".nodeAffinityPolicy", List.of("Honor", "Ignore"),
          ".nodeTaintsPolicy", List.of("Honor", "Ignore"),
          ".labelSelector.matchExpressions[].operator", SELECTING,
          ".namespaceSelector.matchExpressions[].operator", SELECTING,
          ".selector.matchExpressions[].operator", SELECTING,
          ".target.type", List.of("Utilization", "Value", "AverageValue"),
          ".metrics[].type",
              List.of("Resource", "ContainerResource", "Pods", "Object", "External"));

  /** A label's key with its prefix; nothing in these types is longer. */
  private static final int MAX_TEXT = 317;

  private static final int MAX_ITEMS = 64;

  private Borrowed() {}

  /** Completes the schema of a field, where it is within a borrowed one. */
  static void complete(String path, ObjectNode schema) {
    for (Map.Entry<String, String> original : ORIGINALS.entrySet()) {
      if (path.startsWith(original.getKey())) {
        complete(path, schema, original.getValue() + path.substring(original.getKey().length()));
      }
    }
  }

  private static void complete(String path, ObjectNode schema, String original) {
    schema.remove("x-kubernetes-preserve-unknown-fields");
    if (!schema.has("description") && !path.endsWith("]") && !path.endsWith("}")) {
      schema.put(
          "description",
          "As in `kubectl explain " + original.replace("[]", "").replace("{}", "") + "`.");
    }
    if (schema.path("type").asText().equals("string") && !schema.has("maxLength")) {
      schema.put("maxLength", MAX_TEXT);
    }
    if (schema.path("type").asText().equals("array") && !schema.has("maxItems")) {
      schema.put("maxItems", MAX_ITEMS);
    }
    CHOICES.forEach(
        (end, choices) -> {
          if (path.endsWith(end)) {
            ArrayNode values = schema.putArray("enum");
            choices.forEach(values::add);
          }
        });
    if (path.endsWith(".weight")) {
      schema.put("minimum", 1).put("maximum", 100);
    }
    if (path.endsWith(".topologyKey")) {
      schema.put("minLength", 1);
    }
    REQUIRED.forEach(
        (end, names) -> {
          if (path.endsWith(end)) {
            ArrayNode required = schema.putArray("required");
            names.forEach(required::add);
          }
        });
  }
}
