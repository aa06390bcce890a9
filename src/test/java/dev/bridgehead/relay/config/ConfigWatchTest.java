package dev.bridgehead.relay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.manifest.ManifestException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder is what the kubelet makes of a Secret: links through {@code ..data}. */
class ConfigWatchTest {
  private final Path folder;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  ConfigWatchTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    write("1", connector("one.example.com"), "token1");
    Files.createSymbolicLink(folder.resolve("connector.yaml"), Path.of("..data/connector.yaml"));
    Files.createSymbolicLink(
        folder.resolve("management-token"), Path.of("..data/management-token"));
  }

  private static String connector(String hostname) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet, namespace: mail, generation: 4}
        spec:
          routing: {mode: DNS}
          bridgeheads: [{name: edge, hostname: %s}]
        """
        .formatted(hostname);
  }

  /** Swaps all files at once, as the kubelet does. */
  private void write(String version, String connector, String token) throws IOException {
    Path data = Files.createDirectory(folder.resolve("..version" + version));
    Files.writeString(data.resolve("connector.yaml"), connector);
    Files.writeString(data.resolve("management-token"), token + "\n");
    Path link = folder.resolve("..data_tmp");
    Files.createSymbolicLink(link, data.getFileName());
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  private double rejected() {
    return metrics.counter("bridgehead.configs.rejected").count();
  }

  @Test
  void readsWhatIsMounted() throws Exception {
    ConfigFolder mounted = new ConfigFolder(folder, "cluster.local");
    RelayConfig config = mounted.read();
    assertThat(config.identity().hostname()).isEqualTo("one.example.com");
    assertThat(config.identity().generation()).isEqualTo(4);
    assertThat(config.identity().hash()).matches("[0-9a-f]{64}");
    assertThat(config.access().loopbackMayRelay()).isFalse();
    assertThat(mounted.token()).isEqualTo("token1");
  }

  @Test
  void takesAChangeOverByItself() throws Exception {
    ConfigFolder mounted = new ConfigFolder(folder, "cluster.local");
    CurrentConfig config = new CurrentConfig(mounted.read());
    String before = config.get().identity().hash();
    try (ConfigWatch watch = new ConfigWatch(mounted, config, metrics)) {
      write("2", connector("two.example.com"), "token2");
      await()
          .untilAsserted(
              () -> assertThat(config.get().identity().hostname()).isEqualTo("two.example.com"));
      assertThat(config.get().identity().hash()).isNotEqualTo(before);
      assertThat(mounted.token()).isEqualTo("token2");
      assertThat(rejected()).isZero();
    }
  }

  @Test
  void keepsTheLastGoodOneAndCountsABadOneOnce() throws Exception {
    ConfigFolder mounted = new ConfigFolder(folder, "cluster.local");
    CurrentConfig config = new CurrentConfig(mounted.read());
    RelayConfig good = config.get();
    try (ConfigWatch watch = new ConfigWatch(mounted, config, metrics)) {
      write("2", "spec: [", "token1");
      watch.look();
      watch.look();
      assertThat(config.get()).isSameAs(good);
      assertThat(rejected()).isOne();
      write("3", connector("three.example.com"), "token1");
      watch.look();
      assertThat(config.get().identity().hostname()).isEqualTo("three.example.com");
    }
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    Files.delete(folder.resolve("connector.yaml"));
    assertThatThrownBy(() -> new ConfigFolder(folder, "cluster.local").read())
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("connector.yaml: no such file");
  }
}
