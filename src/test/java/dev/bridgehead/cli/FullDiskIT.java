package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.TestClient;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.Tier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder on a volume of a few megabytes, in a mount namespace of its own. */
@Tag("tier3")
class FullDiskIT {
  private static final String ON_A_SMALL_VOLUME =
      """
      mkdir -p "$DATA" && mount -t tmpfs -o size=8m none "$DATA" || exit 77
      head -c "$FILL" /dev/zero > "$DATA/fill"
      exec ./bridgehead run -f "$MANIFEST" --data "$DATA" --connect-to "hop.example.net:25:127.0.0.1:$HOP"
      """;

  /**
   * A relay is killed with mail on disk, then something else fills the volume to the last octet.
   */
  private static final String FULL_AT_THE_START =
      """
      mkdir -p "$DATA" && mount -t tmpfs -o size=8m none "$DATA" || exit 77
      ./bridgehead run -f "$MANIFEST" --data "$DATA" &
      while [ ! -e "$DATA/../killed" ]; do sleep 0.1; done
      kill -9 $!
      wait $! || true
      cat /dev/zero > "$DATA/fill" 2>/dev/null
      echo more 2>/dev/null > "$DATA/more" && exit 78
      exec ./bridgehead run -f "$MANIFEST" --data "$DATA" --connect-to "hop.example.net:25:127.0.0.1:$HOP"
      """;

  private final Path folder;
  private final int port = freePort();
  private final int hopPort = freePort();

  FullDiskIT(@TempDir Path folder) throws IOException {
    Tier.requireRoot("mounting a small volume");
    this.folder = folder;
    Files.writeString(
        folder.resolve("connector.yaml"),
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: quick}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: hop.example.net}]}
          bridgeheads:
            - {name: edge, hostname: mail.example.com, replicas: 2, virtualServer: {port: %d}}
          access: {allowedClients: [10.0.0.0/8]}
          postmaster: postmaster@example.com
          delivery: {retryIntervals: [1s], expireAfter: 1h}
        """
            .formatted(port));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Map<String, String> environment(String fill) {
    return Map.of(
        "DATA", folder.resolve("data").toString(),
        "MANIFEST", folder.resolve("connector.yaml").toString(),
        "HOP", Integer.toString(hopPort),
        "FILL", fill);
  }

  @Test
  void refusesToStartAndSaysWhatToDo() {
    Command.Result ended =
        new Command(
                List.of("unshare", "-m", "sh", "-c", ON_A_SMALL_VOLUME),
                environment("9m"),
                "",
                Duration.ofMinutes(3))
            .attempt();
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err().lines().filter(line -> line.startsWith("bridgehead: ")))
        .hasSize(1)
        .allMatch(line -> line.contains("full") || line.contains("No space left"))
        .allMatch(line -> line.contains("make room"));
    assertThat(ended.err()).doesNotContain("\tat ");
  }

  @Test
  void startsOnAVolumeWithoutAnyRoomAndDeliversWhatItHas() throws Exception {
    try (RelayProcess relay =
        RelayProcess.start(
                folder, environment("0"), List.of("unshare", "-m", "sh", "-c", FULL_AT_THE_START))
            .awaitOutput("ready")) {
      for (int i = 0; i < 40; i++) {
        TestClient.send(
            port, "a@example.org", "b@example.com", "Subject: " + i + "\r\n\r\n" + i + "\r\n");
      }
      try (PostfixServer hop = PostfixServer.setup().listen("127.0.0.1", hopPort).start()) {
        Files.createFile(folder.resolve("killed"));
        await()
            .atMost(Duration.ofSeconds(90))
            .untilAsserted(() -> assertThat(hop.messages()).hasSize(40));
      }
      assertThat(relay.output()).doesNotContain("\tat ");
    }
  }

  @Test
  void answers452WhileItIsFullAndDeliversWhatItHas() throws Exception {
    String content = "Subject: big\r\n\r\n" + ("x".repeat(76) + "\r\n").repeat(6_000);
    try (RelayProcess relay =
        RelayProcess.start(
                folder, environment("1m"), List.of("unshare", "-m", "sh", "-c", ON_A_SMALL_VOLUME))
            .awaitOutput("ready")) {
      int accepted = 0;
      Throwable refusal = null;
      while (refusal == null && accepted < 50) {
        refusal =
            catchThrowable(() -> TestClient.send(port, "a@example.org", "b@example.com", content));
        accepted += refusal == null ? 1 : 0;
      }
      assertThat(refusal).hasMessageContaining("452 4.3.1");
      assertThat(accepted).isPositive();
      int sent = accepted;
      try (PostfixServer hop = PostfixServer.setup().listen("127.0.0.1", hopPort).start()) {
        await()
            .atMost(Duration.ofSeconds(90))
            .untilAsserted(() -> assertThat(hop.messages()).hasSize(sent));
        // The room is given back in the background: a client that comes again finds it.
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .untilAsserted(
                () ->
                    assertThat(TestClient.send(port, "a@example.org", "b@example.com", content))
                        .startsWith("250 2.0.0"));
      }
      assertThat(relay.output()).doesNotContain("\tat ");
    }
  }
}
