package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.relay.TestClient;
import dev.bridgehead.testbed.SmtpSink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./bridgehead relay} as it runs in a pod: a mounted Secret, JSON logs, no restart. */
@Tag("tier3")
class RelayCommandIT {
  private final Path folder;
  private final int port = freePort();
  private final int managementPort = freePort();

  RelayCommandIT(@TempDir Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectory(folder.resolve("config"));
    mount(1, "dead.example.net");
    for (String key : List.of("connector.yaml", "management-token")) {
      Files.createSymbolicLink(folder.resolve("config").resolve(key), Path.of("..data", key));
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As the kubelet does: a new folder, and a link that is swapped. */
  private void mount(int generation, String smartHost) throws IOException {
    Path config = folder.resolve("config");
    Path data = Files.createDirectory(config.resolve("..version" + generation));
    Files.writeString(
        data.resolve("connector.yaml"),
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet, namespace: mail, generation: %d}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: %s}]}
          bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: {port: %d}}]
          access: {allowedClients: [127.0.0.0/8]}
          delivery: {retryIntervals: [1h], expireAfter: 1d}
        """
            .formatted(generation, smartHost, port));
    Files.writeString(data.resolve("management-token"), "secret");
    Path link = config.resolve("..data_tmp");
    Files.createSymbolicLink(link, data.getFileName());
    Files.move(link, config.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  private JsonNode state(HttpClient http) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + managementPort + "/v1/state");
    return new ObjectMapper()
        .readTree(
            http.send(
                    HttpRequest.newBuilder(uri).header("Authorization", "Bearer secret").build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
  }

  @Test
  void takesAnotherSmartHostOverWithQueuedMailAndWithoutARestart() throws Exception {
    try (SmtpSink sink = SmtpSink.start();
        HttpClient http = HttpClient.newHttpClient();
        RelayProcess relay = relay(sink.port())) {
      TestClient.send(port, "a@example.org", "b@example.com", "Subject: moved\r\n\r\nhello\r\n");
      relay.awaitOutput("\"deferred\"");
      assertThat(state(http).path("generation").asInt()).isEqualTo(1);
      assertThat(state(http).path("queued").asInt()).isEqualTo(1);

      mount(2, "alive.example.net");

      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> sink.messages().stream().anyMatch(m -> m.contains("Subject: moved")));
      assertThat(state(http).path("generation").asInt()).isEqualTo(2);
      await().until(() -> state(http).path("queued").asInt() == 0);
      for (String line : relay.output().split("\n")) {
        assertThat(new ObjectMapper().readTree(line).path("level").isTextual()).isTrue();
      }
    }
  }

  private RelayProcess relay(int sinkPort) throws IOException {
    return RelayProcess.start(
            folder,
            Map.of("KUBERNETES_SERVICE_HOST", "192.0.2.1"),
            List.of(
                "./bridgehead",
                "relay",
                "--config",
                folder.resolve("config").toString(),
                "--data",
                folder.resolve("data").toString(),
                "--management-port",
                Integer.toString(managementPort),
                "--connect-to",
                "alive.example.net:25:127.0.0.1:" + sinkPort,
                "--connect-to",
                "dead.example.net:25:127.0.0.1:1"))
        .awaitOutput("\"ready\"");
  }
}
