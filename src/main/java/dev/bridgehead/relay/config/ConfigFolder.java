package dev.bridgehead.relay.config;

import dev.bridgehead.manifest.ConnectorManifest;
import dev.bridgehead.manifest.Fingerprint;
import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder that the operator's Secret is mounted at: {@code connector.yaml} and {@code
 * management-token}. The kubelet replaces all of it at once, by a symbolic link, so that one open
 * file is one version. Used by one thread.
 */
public final class ConfigFolder {
  private final Path folder;
  private final String clusterDomain;
  private volatile String token = "";

  /**
   * @param clusterDomain where the manifest's annotation says none
   */
  public ConfigFolder(Path folder, String clusterDomain) {
    this.folder = folder;
    this.clusterDomain = clusterDomain;
  }

  /**
   * What lies there now.
   *
   * @param hash lower-case hex SHA-256 of the octets
   */
  record Version(byte[] manifest, String hash) {}

  /**
   * Reads the configuration, and the token.
   *
   * @throws ManifestException with what is wrong, a line each
   */
  public RelayConfig read() throws ManifestException {
    return parse(version());
  }

  Version version() throws ManifestException {
    Path file = folder.resolve("connector.yaml");
    try {
      byte[] manifest = Files.readAllBytes(file);
      token = Files.readString(folder.resolve("management-token")).strip();
      return new Version(manifest, Fingerprint.of(manifest));
    } catch (NoSuchFileException e) {
      throw ManifestException.unreadable(
          List.of(
              e.getFile()
                  + ": no such file: --config names the folder with connector.yaml and management-token"));
    } catch (IOException e) {
      throw ManifestException.unreadable(List.of(folder + ": cannot be read: " + e.getMessage()));
    }
  }

  RelayConfig parse(Version version) throws ManifestException {
    ConnectorManifest manifest = ManifestReader.connector(version.manifest());
    return RelayConfig.of(manifest, version.hash(), null, clusterDomain, false);
  }

  /** For who may ask for the relay's state; that of the last reading. */
  public String token() {
    return token;
  }
}
