package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.validation.Quoted;
import java.util.List;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Turns composed YAML into JSON. Keys may not repeat, and aliases may not blow a small file up:
 * depth and number of nodes are bounded.
 */
final class YamlTree {
  static final int MAX_DEPTH = 64;

  /** Nodes after aliases are followed; a manifest of ours has some hundred. */
  private static final int MAX_NODES = 1_000_000;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final int firstLine;
  private int nodes;

  /**
   * Starts a document.
   *
   * @param firstLine number of lines of the file before the document
   */
  YamlTree(int firstLine) {
    this.firstLine = firstLine;
  }

  JsonNode json(Node node) throws UnreadableDocument {
    return json(node, 0);
  }

  private JsonNode json(Node node, int depth) throws UnreadableDocument {
    if (depth > MAX_DEPTH) {
      throw fault(node, "nested more than " + MAX_DEPTH + " levels deep");
    }
    nodes++;
    if (nodes > MAX_NODES) {
      throw fault(node, "aliases that expand to more than " + MAX_NODES + " values");
    }
    return switch (node) {
      case ScalarNode scalar -> scalar(scalar);
      case SequenceNode sequence -> {
        ArrayNode array = JSON.arrayNode();
        for (Node item : sequence.getValue()) {
          array.add(json(item, depth + 1));
        }
        yield array;
      }
      case MappingNode mapping -> object(mapping, depth);
      default -> throw fault(node, "not a scalar, list or mapping");
    };
  }

  private ObjectNode object(MappingNode mapping, int depth) throws UnreadableDocument {
    ObjectNode object = JSON.objectNode();
    ObjectNode merged = JSON.objectNode();
    for (NodeTuple entry : mapping.getValue()) {
      Node keyNode = entry.getKeyNode();
      if (isMerge(keyNode)) {
        merge(merged, json(entry.getValueNode(), depth + 1), keyNode);
        continue;
      }
      String key = key(keyNode);
      if (object.has(key)) {
        throw fault(keyNode, "the key " + Quoted.of(key) + " is there twice");
      }
      object.set(key, json(entry.getValueNode(), depth + 1));
    }
    for (var inherited : List.copyOf(merged.properties())) {
      if (!object.has(inherited.getKey())) {
        object.set(inherited.getKey(), inherited.getValue());
      }
    }
    return object;
  }

  /** YAML 1.1 merge keys: the first mapping that has a key wins. */
  private void merge(ObjectNode merged, JsonNode from, Node at) throws UnreadableDocument {
    for (JsonNode source : from.isArray() ? from : List.of(from)) {
      if (!source.isObject()) {
        throw fault(at, "<< merges mappings only");
      }
      for (var entry : source.properties()) {
        merged.putIfAbsent(entry.getKey(), entry.getValue());
      }
    }
  }

  private static boolean isMerge(Node key) {
    return key instanceof ScalarNode scalar && scalar.isPlain() && scalar.getValue().equals("<<");
  }

  private String key(Node node) throws UnreadableDocument {
    if (!(node instanceof ScalarNode scalar)) {
      throw fault(node, "a key that is a list or mapping");
    }
    JsonNode key = scalar(scalar);
    return key.isBoolean() ? key.asText() : scalar.getValue();
  }

  private JsonNode scalar(ScalarNode node) throws UnreadableDocument {
    Tag tag = node.getTag();
    if (tag.equals(Tag.STR)) {
      return JSON.textNode(node.getValue());
    }
    boolean known =
        tag.equals(PlainScalars.TAG)
            || tag.equals(Tag.INT)
            || tag.equals(Tag.FLOAT)
            || tag.equals(Tag.BOOL)
            || tag.equals(Tag.NULL);
    if (!known) {
      throw fault(node, "the tag " + tag + " has no meaning in a Kubernetes manifest");
    }
    return PlainScalars.json(node.getValue());
  }

  private UnreadableDocument fault(Node node, String problem) {
    return fault(node.getStartMark(), firstLine, problem);
  }

  static UnreadableDocument fault(Mark mark, int firstLine, String problem) {
    return UnreadableDocument.at(firstLine + mark.getLine() + 1, mark.getColumn() + 1, problem);
  }
}
