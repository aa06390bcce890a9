package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.bridgehead.validation.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The keys of Secrets and ConfigMaps, as a pod would see them. */
final class KeyedContent {
  private KeyedContent() {}

  /** By name, then key. Objects that name no namespace go where the connector goes. */
  static Map<String, Map<String, byte[]>> of(
      List<ManifestDocument> documents, String kind, String namespace) throws ManifestException {
    Map<String, Map<String, byte[]>> contents = new HashMap<>();
    for (ManifestDocument document : documents) {
      boolean wanted =
          document.kind().equals(kind)
              && document.apiVersion().equals("v1")
              && (document.namespace().isEmpty() || document.namespace().equals(namespace));
      if (wanted && contents.put(document.name(), keys(document)) != null) {
        throw refused(
            document, "metadata.name: a second " + kind + " " + Quoted.of(document.name()));
      }
    }
    return contents;
  }

  private static Map<String, byte[]> keys(ManifestDocument document) throws ManifestException {
    boolean secret = document.kind().equals("Secret");
    Map<String, byte[]> keys = new HashMap<>();
    String encoded = secret ? "data" : "binaryData";
    for (var entry : document.tree().path(encoded).properties()) {
      String field = encoded + "." + entry.getKey();
      keys.put(entry.getKey(), decoded(document, field, text(document, field, entry.getValue())));
    }
    String plain = secret ? "stringData" : "data";
    for (var entry : document.tree().path(plain).properties()) {
      String value = text(document, plain + "." + entry.getKey(), entry.getValue());
      keys.put(entry.getKey(), value.getBytes(StandardCharsets.UTF_8));
    }
    return keys;
  }

  private static String text(ManifestDocument document, String field, JsonNode value)
      throws ManifestException {
    if (value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw refused(document, field + ": Invalid value: must be a string; put it in quotes");
    }
    return value.textValue();
  }

  /** Line breaks inside are ignored, as Go's decoder does. */
  private static byte[] decoded(ManifestDocument document, String field, String value)
      throws ManifestException {
    try {
      return Base64.getDecoder().decode(value.replace("\n", "").replace("\r", ""));
    } catch (IllegalArgumentException notBase64) {
      throw refused(
          document, field + ": Invalid value: must be base64; plain text belongs into stringData");
    }
  }

  private static ManifestException refused(ManifestDocument document, String fault) {
    return ManifestException.refused(List.of(document.location() + ": " + fault));
  }
}
