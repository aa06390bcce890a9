package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.validation.Facts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Reads the one connector of a set of manifests, with the Secrets and ConfigMaps beside it. */
public final class ManifestReader {
  private ManifestReader() {}

  /**
   * Reads the connector that a user wrote, as {@link #connector(List, String, Consumer)} does in a
   * cluster of the usual domain, without its warnings.
   *
   * @throws ManifestException where a file can't be read or something in it can't be used
   */
  public static ConnectorManifest connector(List<Path> files) throws ManifestException {
    return connector(files, Facts.DEFAULT_CLUSTER_DOMAIN, warning -> {});
  }

  /**
   * Reads the connector that a user wrote, and judges it by the schema and the rules.
   *
   * @param files one or more, {@code -} for stdin; exactly one connector in all of them
   * @param clusterDomain such as {@code cluster.local}
   * @param warnings takes a line for each warning
   * @throws ManifestException where a file can't be read or something in it can't be used
   */
  public static ConnectorManifest connector(
      List<Path> files, String clusterDomain, Consumer<String> warnings) throws ManifestException {
    List<ManifestFile> read = new ArrayList<>();
    for (Path file : files) {
      read.add(ManifestFile.read(file.toString(), System.in));
    }
    List<ManifestDocument> documents = documents(read);
    ManifestDocument connector = theConnector(documents);
    Judgement judgement = Judgement.of(connector, clusterDomain);
    if (!judgement.accepted()) {
      throw ManifestException.refused(judgement.errorLines());
    }
    judgement.warningLines().forEach(warnings);
    return bind(connector, documents);
  }

  /**
   * Reads a connector that the operator wrote: what it judged is not judged again, and fields of a
   * newer operator are ignored.
   *
   * @throws ManifestException where it can't be used
   */
  public static ConnectorManifest connector(byte[] manifest) throws ManifestException {
    List<ManifestDocument> documents =
        documents(List.of(ManifestFile.of("connector.yaml", manifest)));
    return bind(theConnector(documents), documents);
  }

  private static List<ManifestDocument> documents(List<ManifestFile> files)
      throws ManifestException {
    List<String> faults = files.stream().flatMap(file -> file.faults().stream()).toList();
    if (!faults.isEmpty()) {
      throw ManifestException.unreadable(faults);
    }
    return files.stream().flatMap(file -> file.documents().stream()).toList();
  }

  private static ManifestDocument theConnector(List<ManifestDocument> documents)
      throws ManifestException {
    List<ManifestDocument> connectors =
        documents.stream().filter(ManifestDocument::isConnector).toList();
    for (ManifestDocument document : documents) {
      if (document.isOurs() && !document.isConnector()) {
        throw ManifestException.refused(List.of(document.location() + ": " + Shape.kind(document)));
      }
    }
    if (connectors.isEmpty()) {
      throw ManifestException.refused(List.of("no SmtpConnector in what was given with -f"));
    }
    if (connectors.size() > 1) {
      throw ManifestException.refused(
          List.of(
              connectors.get(1).location()
                  + ": a second SmtpConnector, after "
                  + connectors.getFirst().location()
                  + ": give files with exactly one in all"));
    }
    return connectors.getFirst();
  }

  private static ConnectorManifest bind(
      ManifestDocument connector, List<ManifestDocument> documents) throws ManifestException {
    JsonNode metadata = connector.tree().path("metadata");
    String namespace = connector.namespaceOrDefault();
    return new ConnectorManifest(
        connector.name(),
        namespace,
        metadata.path("generation").asLong(0),
        texts(metadata.path("annotations")),
        spec(connector),
        KeyedContent.of(documents, "Secret", namespace),
        KeyedContent.of(documents, "ConfigMap", namespace));
  }

  private static SmtpConnectorSpec spec(ManifestDocument connector) throws ManifestException {
    return Binding.spec(connector.tree().path("spec"))
        .orElseThrow(
            () ->
                ManifestException.refused(
                    List.of(connector.location() + ": spec: Required value")));
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }
}
