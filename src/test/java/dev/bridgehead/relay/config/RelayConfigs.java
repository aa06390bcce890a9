package dev.bridgehead.relay.config;

import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.ManifestReader;
import java.nio.charset.StandardCharsets;

/** Configurations of tests, from manifests. */
public final class RelayConfigs {
  private RelayConfigs() {}

  /** As in a pod. */
  public static RelayConfig inPod(String yaml) throws ManifestException {
    return read(yaml, "", false);
  }

  /** As of {@code bridgehead run}, which asks for less. */
  public static RelayConfig onLaptop(String yaml) throws ManifestException {
    return read(yaml, "cafe", true);
  }

  private static RelayConfig read(String yaml, String hash, boolean laptop)
      throws ManifestException {
    return RelayConfig.of(
        ManifestReader.connector(yaml.getBytes(StandardCharsets.UTF_8)),
        hash,
        null,
        "cluster.local",
        laptop);
  }
}
