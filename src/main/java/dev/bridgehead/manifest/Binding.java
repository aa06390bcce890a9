package dev.bridgehead.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.List;
import java.util.Optional;

/**
 * Trees bound to records. What does not fit its field is left out, so that the rest can be judged
 * by the rules all the same; that it doesn't fit is for the schema to say.
 */
final class Binding {
  /** More misfits than a person would read; each costs one more pass. */
  private static final int MAX_MISFITS = 256;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Binding() {}

  /** The spec; empty where it is no object. */
  static Optional<SmtpConnectorSpec> spec(JsonNode spec) {
    JsonNode tree = spec.deepCopy();
    for (int misfits = 0; tree.isObject() && misfits < MAX_MISFITS; misfits++) {
      try {
        return Optional.of(MAPPER.treeToValue(tree, SmtpConnectorSpec.class));
      } catch (JsonMappingException misfit) {
        if (!drop(tree, misfit.getPath())) {
          return Optional.empty();
        }
      } catch (JsonProcessingException impossible) {
        throw new AssertionError("a tree is already parsed", impossible);
      }
    }
    return Optional.empty();
  }

  /**
   * Whether something was dropped. An item of a list leaves a hole, so that the others keep their
   * place.
   */
  private static boolean drop(JsonNode tree, List<JsonMappingException.Reference> path) {
    JsonNode parent = tree;
    for (int i = 0; i < path.size(); i++) {
      var step = path.get(i);
      JsonNode child =
          step.getFieldName() == null
              ? parent.path(step.getIndex())
              : parent.path(step.getFieldName());
      boolean last = i == path.size() - 1 || !child.isContainerNode();
      if (last && parent instanceof ArrayNode array && child != null && !child.isNull()) {
        array.setNull(step.getIndex());
        return true;
      }
      if (last && parent instanceof ObjectNode object) {
        return object.remove(step.getFieldName()) != null;
      }
      parent = child;
    }
    return false;
  }
}
