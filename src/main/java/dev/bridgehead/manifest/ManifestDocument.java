package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.api.ApiGroup;

/**
 * One document of a manifest.
 *
 * @param file the file's name as the user gave it; {@code -} for stdin
 * @param index in the file, from 1
 * @param tree the object
 */
public record ManifestDocument(String file, int index, ObjectNode tree) {
  static final String CONNECTOR = "SmtpConnector";

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

  /** Whether this is one of ours, of whatever version. */
  public boolean isConnector() {
    String version = apiVersion();
    return kind().equals(CONNECTOR)
        && (version.isEmpty() || version.startsWith(ApiGroup.NAME + "/"));
  }

  private static String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : "";
  }
}
