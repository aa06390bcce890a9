package dev.bridgehead.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;

/** Compares what was stated with what is there. */
final class Stated {
  private Stated() {}

  /**
   * Whether all that is stated is there, whatever else may be. Lists must be as long as stated:
   * what else is in one may be in the way of ours. In doubt the answer is no: a quantity that the
   * API server writes differently is taken for another one.
   */
  static boolean in(JsonNode stated, JsonNode actual) {
    if (stated.isObject() && actual.isObject()) {
      return stated.properties().stream()
          .allMatch(
              field ->
                  actual.has(field.getKey()) && in(field.getValue(), actual.get(field.getKey())));
    }
    if (stated.isArray() && actual.isArray() && stated.size() == actual.size()) {
      for (int i = 0; i < stated.size(); i++) {
        if (!in(stated.get(i), actual.get(i))) {
          return false;
        }
      }
      return true;
    }
    return stated.isValueNode() && actual.isValueNode() && stated.asText().equals(actual.asText());
  }
}
