package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.api.ApiGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * One object of a manifest: a document, or an item of a document of kind List.
 *
 * @param file the file's name as the user gave it; {@code -} for stdin
 * @param index in the file, from 1
 * @param item where in the document it is, such as {@code items[0].}; empty for the document itself
 * @param tree the object
 */
public record ManifestDocument(String file, int index, String item, ObjectNode tree) {
  static final String CONNECTOR = "SmtpConnector";
  private static final String BRIDGEHEAD = "Bridgehead";

  /** The objects of a document: itself, or its items where it is a list. */
  static List<ManifestDocument> of(String file, int index, ObjectNode tree) {
    ManifestDocument whole = new ManifestDocument(file, index, "", tree);
    JsonNode items = tree.path("items");
    if (!whole.kind().equals("List") || !whole.apiVersion().equals("v1") || !items.isArray()) {
      return List.of(whole);
    }
    List<ManifestDocument> objects = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      if (items.path(i) instanceof ObjectNode object) {
        objects.add(new ManifestDocument(file, index, "items[" + i + "].", object));
      }
    }
    return objects;
  }

  /** {@code FILE[n]}: how messages name the document. */
  public String location() {
    return file + "[" + index + "]";
  }

  /** Empty where there is none. */
  public String kind() {
    return text(tree.path("kind"));
  }

  /** Empty where there is none. */
  public String apiVersion() {
    return text(tree.path("apiVersion"));
  }

  /** Empty where there is none. */
  public String name() {
    return text(tree.path("metadata").path("name"));
  }

  /** Empty where there is none. */
  public String namespace() {
    return text(tree.path("metadata").path("namespace"));
  }

  /** The namespace it goes to where nobody says otherwise. */
  public String namespaceOrDefault() {
    return namespace().isEmpty() ? "default" : namespace();
  }

  /** Whether it says that it is a connector, of whatever group and version. */
  public boolean isConnector() {
    return kind().equals(CONNECTOR);
  }

  /**
   * Whether it is ours to judge: a connector, something without a kind, or a kind that our group
   * doesn't have.
   */
  public boolean isOurs() {
    boolean group = apiVersion().startsWith(ApiGroup.NAME + "/");
    return isConnector() || kind().isEmpty() || (group && !kind().equals(BRIDGEHEAD));
  }

  private static String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : "";
  }
}
