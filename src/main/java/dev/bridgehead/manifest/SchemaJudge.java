package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.bridgehead.validation.ErrorType;
import dev.bridgehead.validation.FieldError;
import dev.bridgehead.validation.Quoted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges a value by a structural schema, in the API server's words: kube-openapi's validator and
 * apiextensions' list types. {@code CrdIT} holds the two against each other. Depth is bounded by
 * the schema.
 */
final class SchemaJudge {
  private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

  private final List<FieldError> errors;

  SchemaJudge(List<FieldError> errors) {
    this.errors = errors;
  }

  void judge(String field, JsonNode schema, JsonNode value) {
    if (!hasType(schema, value)) {
      errors.add(wrongType(field, typeName(schema), value));
      return;
    }
    switch (value.getNodeType()) {
      case OBJECT -> judgeObject(field, schema, value);
      case ARRAY -> judgeList(field, schema, value);
      case STRING -> judgeText(field, schema, value.textValue());
      case NUMBER -> judgeNumber(field, schema, value);
      default -> {}
    }
  }

  static FieldError wrongType(String field, String type, JsonNode value) {
    String actual = Quoted.of(actualType(value));
    return new FieldError(
        field,
        ErrorType.TYPE_INVALID,
        actual + ": " + field + " in body must be of type " + type + ": " + actual);
  }

  static FieldError unsupported(String field, String value, List<String> supported) {
    return new FieldError(
        field,
        ErrorType.UNSUPPORTED,
        Quoted.of(value)
            + ": supported values: "
            + supported.stream().map(Quoted::of).collect(Collectors.joining(", ")));
  }

  static FieldError unknown(String field, String name, List<String> known) {
    return known.stream()
        .filter(candidate -> candidate.equalsIgnoreCase(name))
        .findFirst()
        .map(meant -> new FieldError(field, ErrorType.UNKNOWN_FIELD, "did you mean " + meant + "?"))
        .orElseGet(
            () ->
                new FieldError(
                    field,
                    ErrorType.UNKNOWN_FIELD,
                    "the fields here are " + String.join(", ", known)));
  }

  private static boolean isIntOrString(JsonNode schema) {
    return schema.path("x-kubernetes-int-or-string").asBoolean();
  }

  private static boolean hasType(JsonNode schema, JsonNode value) {
    if (isIntOrString(schema)) {
      return value.isTextual() || isInteger(value);
    }
    return switch (schema.path("type").asText()) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "integer" -> isInteger(value);
      case "number" -> value.isNumber();
      default -> true;
    };
  }

  /** 1.0 is an integer in JSON; what a double can't hold exactly is none. */
  private static boolean isInteger(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.canConvertToLong();
    }
    double number = value.asDouble();
    return value.isNumber() && number == Math.rint(number) && Math.abs(number) <= (1L << 53);
  }

  private static String typeName(JsonNode schema) {
    return isIntOrString(schema) ? "integer,string" : schema.path("type").asText();
  }

  private static String actualType(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT, POJO -> "object";
      case ARRAY -> "array";
      case STRING, BINARY -> "string";
      case BOOLEAN -> "boolean";
      case NUMBER -> value.isIntegralNumber() && value.canConvertToLong() ? "integer" : "number";
      case NULL, MISSING -> "null";
    };
  }

  private void judgeObject(String field, JsonNode schema, JsonNode object) {
    JsonNode properties = schema.path("properties");
    JsonNode others = schema.path("additionalProperties");
    for (var entry : object.properties()) {
      String child = field + "." + printable(entry.getKey());
      boolean known = properties.has(entry.getKey()) || others.isObject();
      if (known && entry.getValue().isNull()) {
        continue; // the API server takes null for absent
      }
      if (properties.has(entry.getKey())) {
        judge(child, properties.path(entry.getKey()), entry.getValue());
      } else if (others.isObject()) {
        judge(child, others, entry.getValue());
      } else {
        List<String> names = new ArrayList<>();
        properties.fieldNames().forEachRemaining(names::add);
        errors.add(unknown(child, entry.getKey(), names));
      }
    }
    for (JsonNode required : schema.path("required")) {
      if (!object.hasNonNull(required.asText())) {
        String child = field + "." + required.asText();
        errors.add(new FieldError(child, ErrorType.REQUIRED, ""));
      }
    }
  }

  /** A key of the user's, that must not break the line. */
  static String printable(String key) {
    String quoted = Quoted.of(key);
    return quoted.length() == key.length() + 2 ? key : quoted;
  }

  private void judgeList(String field, JsonNode schema, JsonNode list) {
    int max = schema.path("maxItems").asInt(Integer.MAX_VALUE);
    if (list.size() > max) {
      errors.add(
          new FieldError(
              field, ErrorType.TOO_MANY, list.size() + ": must have at most " + max + " items"));
    }
    int min = schema.path("minItems").asInt(0);
    if (list.size() < min) {
      invalid(field, "" + list.size(), "should have at least " + min + " items");
    }
    // Past the bound the list as a whole is the fault; its thousands of items are not worth a line.
    for (int i = 0; i < Math.min(list.size(), max); i++) {
      judge(field + "[" + i + "]", schema.path("items"), list.path(i));
    }
    switch (schema.path("x-kubernetes-list-type").asText()) {
      case "map" -> judgeKeys(field, schema.at("/x-kubernetes-list-map-keys/0").asText(), list);
      case "set" -> judgeRepetition(field, list, null);
      default -> {}
    }
  }

  private void judgeKeys(String field, String key, JsonNode list) {
    for (JsonNode item : list) {
      if (!item.isObject()) {
        return; // already refused for its type
      }
    }
    judgeRepetition(field, list, key);
  }

  /** Each value that is there again is reported once, where it is for the second time. */
  private void judgeRepetition(String field, JsonNode list, @Nullable String key) {
    Map<JsonNode, Integer> times = new HashMap<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode value = key == null ? list.path(i) : list.path(i).path(key);
      if (!value.isMissingNode() && times.merge(value, 1, Integer::sum) == 2) {
        JsonNode shown =
            key == null ? value : JsonNodeFactory.instance.objectNode().set(key, value);
        errors.add(
            new FieldError(
                field + "[" + i + "]",
                ErrorType.DUPLICATE,
                shown.isTextual() ? Quoted.of(shown.textValue()) : shortened(shown)));
      }
    }
  }

  private static String shortened(JsonNode value) {
    String json = value.toString();
    return json.length() > 200 ? json.substring(0, 200) + "…" : json;
  }

  private void judgeText(String field, JsonNode schema, String text) {
    int length = text.codePointCount(0, text.length());
    int max = schema.path("maxLength").asInt(Integer.MAX_VALUE);
    int min = schema.path("minLength").asInt(0);
    String pattern = schema.path("pattern").asText("");
    if (length > max) {
      String unit = max == 1 ? " byte" : " bytes";
      errors.add(new FieldError(field, ErrorType.TOO_LONG, "may not be more than " + max + unit));
    } else if (length < min) {
      invalid(field, Quoted.of(text), "should be at least " + min + " chars long");
    } else if (!pattern.isEmpty() && !compiled(pattern).matcher(text).find()) {
      invalid(field, Quoted.of(text), "should match '" + pattern + "'");
    }
    judgeChoice(field, schema.path("enum"), text);
  }

  private void judgeChoice(String field, JsonNode choices, String text) {
    List<String> supported = new ArrayList<>();
    choices.forEach(choice -> supported.add(choice.asText()));
    if (choices.isArray() && !supported.contains(text)) {
      errors.add(unsupported(field, text, supported));
    }
  }

  /** In Go's regular expressions {@code $} is the very end; in Java's a line feed may follow. */
  private static Pattern compiled(String pattern) {
    return PATTERNS.computeIfAbsent(
        pattern,
        p -> Pattern.compile(p.endsWith("$") ? p.substring(0, p.length() - 1) + "\\z" : p));
  }

  private void judgeNumber(String field, JsonNode schema, JsonNode value) {
    double number = value.asDouble();
    if (schema.has("minimum") && number < schema.path("minimum").asDouble()) {
      String bound = schema.path("minimum").asText();
      invalid(field, value.asText(), "should be greater than or equal to " + bound);
    }
    if (schema.has("maximum") && number > schema.path("maximum").asDouble()) {
      String bound = schema.path("maximum").asText();
      invalid(field, value.asText(), "should be less than or equal to " + bound);
    }
  }

  private void invalid(String field, String value, String expectation) {
    errors.add(
        new FieldError(field, ErrorType.INVALID, value + ": " + field + " in body " + expectation));
  }
}
