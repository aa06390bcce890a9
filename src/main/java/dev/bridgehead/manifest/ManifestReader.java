package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.validation.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the one connector of a set of manifests, with the Secrets and ConfigMaps beside it. */
public final class ManifestReader {
  private static final String DEFAULT_NAMESPACE = "default";

  private ManifestReader() {}

  /**
   * Reads the connector that a user wrote.
   *
   * @param files one or more; exactly one connector in all of them
   * @throws ManifestException where a file can't be read or something in it can't be used
   */
  public static ConnectorManifest connector(List<Path> files) throws ManifestException {
    List<ManifestDocument> documents = new ArrayList<>();
    for (Path file : files) {
      documents.addAll(documents(file.toString(), read(file)));
    }
    return bind(documents);
  }

  /**
   * Reads a connector that the operator wrote: what it judged is not judged again, and fields of a
   * newer operator are ignored.
   *
   * @throws ManifestException where it can't be used
   */
  public static ConnectorManifest connector(byte[] manifest) throws ManifestException {
    return bind(documents("connector.yaml", manifest));
  }

  private static byte[] read(Path file) throws ManifestException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException failure) {
      throw ManifestException.unreadable(List.of(file + ": cannot be read: " + failure));
    }
  }

  private static List<ManifestDocument> documents(String file, byte[] content)
      throws ManifestException {
    List<ManifestDocument> documents = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (DocumentReader.Entry entry : DocumentReader.read(decode(file, content))) {
      switch (entry) {
        case DocumentReader.Entry.Readable(int index, ObjectNode tree) ->
            documents.add(new ManifestDocument(file, index, tree));
        case DocumentReader.Entry.Unreadable(int index, String problem) ->
            problems.add(file + "[" + index + "]: " + problem);
        case DocumentReader.Entry.Empty empty -> {}
      }
    }
    if (!problems.isEmpty()) {
      throw ManifestException.unreadable(problems);
    }
    return documents;
  }

  private static String decode(String file, byte[] content) throws ManifestException {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException notText) {
      throw ManifestException.unreadable(List.of(file + ": not UTF-8 text"));
    }
  }

  private static ConnectorManifest bind(List<ManifestDocument> documents) throws ManifestException {
    List<ManifestDocument> connectors =
        documents.stream().filter(ManifestDocument::isConnector).toList();
    if (connectors.size() != 1) {
      throw ManifestException.refused(
          List.of(
              connectors.isEmpty()
                  ? "no SmtpConnector found: give one with -f"
                  : connectors.get(1).location()
                      + ": a second SmtpConnector: give files with exactly one"));
    }
    ManifestDocument connector = connectors.getFirst();
    String namespace = namespace(connector);
    JsonNode metadata = connector.tree().path("metadata");
    return new ConnectorManifest(
        connector.name(),
        namespace,
        metadata.path("generation").asLong(0),
        texts(metadata.path("annotations")),
        spec(connector),
        contents(documents, "Secret", namespace),
        contents(documents, "ConfigMap", namespace));
  }

  private static SmtpConnectorSpec spec(ManifestDocument connector) throws ManifestException {
    return Binding.spec(connector.tree().path("spec"))
        .orElseThrow(
            () ->
                ManifestException.refused(
                    List.of(connector.location() + ": spec: Required value")));
  }

  private static String namespace(ManifestDocument document) {
    return document.namespace().isEmpty() ? DEFAULT_NAMESPACE : document.namespace();
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  /** Objects that name no namespace go where the connector goes. */
  private static Map<String, Map<String, byte[]>> contents(
      List<ManifestDocument> documents, String kind, String namespace) throws ManifestException {
    Map<String, Map<String, byte[]>> contents = new HashMap<>();
    for (ManifestDocument document : documents) {
      boolean wanted =
          document.kind().equals(kind)
              && document.apiVersion().equals("v1")
              && (document.namespace().isEmpty() || document.namespace().equals(namespace));
      if (wanted && contents.put(document.name(), keys(document)) != null) {
        throw ManifestException.refused(
            List.of(document.location() + ": a second " + kind + " " + Quoted.of(document.name())));
      }
    }
    return contents;
  }

  private static Map<String, byte[]> keys(ManifestDocument document) throws ManifestException {
    boolean secret = document.kind().equals("Secret");
    Map<String, byte[]> keys = new HashMap<>();
    String encoded = secret ? "data" : "binaryData";
    for (var entry : document.tree().path(encoded).properties()) {
      keys.put(entry.getKey(), base64(document, encoded + "." + entry.getKey(), entry.getValue()));
    }
    for (var entry : document.tree().path(secret ? "stringData" : "data").properties()) {
      keys.put(entry.getKey(), entry.getValue().asText().getBytes(StandardCharsets.UTF_8));
    }
    return keys;
  }

  private static byte[] base64(ManifestDocument document, String field, JsonNode value)
      throws ManifestException {
    try {
      return Base64.getMimeDecoder().decode(value.asText());
    } catch (IllegalArgumentException notBase64) {
      throw ManifestException.refused(
          List.of(document.location() + ": " + field + ": Invalid value: must be base64"));
    }
  }
}
