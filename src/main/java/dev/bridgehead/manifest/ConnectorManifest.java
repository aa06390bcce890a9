package dev.bridgehead.manifest;

import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.Map;

/**
 * A connector with what it needs from outside: all that a relay runs by.
 *
 * @param name {@code metadata.name}
 * @param namespace {@code metadata.namespace}, {@code default} where there is none
 * @param generation {@code metadata.generation}, 0 where there is none
 * @param annotations {@code metadata.annotations}
 * @param spec what it should do
 * @param secrets the namespace's Secrets by name, each key's octets ({@code stringData} as UTF-8)
 * @param configMaps the namespace's ConfigMaps by name, each key's octets
 */
public record ConnectorManifest(
    String name,
    String namespace,
    long generation,
    Map<String, String> annotations,
    SmtpConnectorSpec spec,
    Map<String, Map<String, byte[]>> secrets,
    Map<String, Map<String, byte[]>> configMaps) {
  public ConnectorManifest {
    annotations = Map.copyOf(annotations);
    secrets = Map.copyOf(secrets);
    configMaps = Map.copyOf(configMaps);
  }

  /** Names only: the octets are secret. */
  @Override
  public String toString() {
    return "SmtpConnector "
        + namespace
        + "/"
        + name
        + " (secrets "
        + secrets.keySet()
        + ", config maps "
        + configMaps.keySet()
        + ")";
  }
}
