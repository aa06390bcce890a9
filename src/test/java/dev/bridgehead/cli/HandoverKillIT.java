package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two relays as processes: one is drained with 2,000 messages for a dead next hop, to the other,
 * and either is killed again and again meanwhile. Then the next hop comes back: every message
 * arrives, and once. {@code -Dkills=100} makes more of them, {@code -Dseed=…} the same again.
 */
@Tag("tier3")
class HandoverKillIT {
  private static final Path REPORT = Path.of("target", "handover-report.txt");
  private static final int MESSAGES = 2000;
  private static final Duration LONG = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Ledger ledger = new Ledger();
  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final HttpClient http = HttpClient.newHttpClient();
  private final Path folder;
  private final int nobody = freePort();
  private final Pod stays;
  private final Pod goes;

  HandoverKillIT(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.stays = new Pod(0);
    this.goes = new Pod(1);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private final class Pod {
    private final int ordinal;
    private final int smtpPort = freePort();
    private final int managementPort = freePort();
    private final Path config;

    Pod(int ordinal) throws IOException {
      this.ordinal = ordinal;
      this.config = Files.createDirectory(folder.resolve("config-" + ordinal));
      Files.writeString(config.resolve("management-token"), "secret");
    }

    void configure(String smartHost, @Nullable Integer drainFrom) throws IOException {
      Path next = config.resolve("next");
      Files.writeString(
          next,
          """
          apiVersion: bridgehead.dev/v1
          kind: SmtpConnector
          metadata:
            name: internet
            namespace: mail
            annotations: {%s}
          spec:
            routing: {mode: SmartHost, smartHosts: [{host: %s}]}
            bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: {port: %d}}]
            access: {allowedClients: [127.0.0.0/8]}
            delivery: {retryIntervals: [1s], expireAfter: 1d}
          """
              .formatted(
                  drainFrom == null ? "" : "bridgehead.dev/drain-from: \"" + drainFrom + "\"",
                  smartHost,
                  smtpPort));
      Files.move(next, config.resolve("connector.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    RelayProcess start(LedgerHop hop) throws IOException {
      return RelayProcess.start(
          folder,
          Map.of("POD_NAME", "internet-edge-" + ordinal),
          List.of(
              "./bridgehead",
              "relay",
              "--config",
              config.toString(),
              "--data",
              folder.resolve("data-" + ordinal).toString(),
              "--management-port",
              Integer.toString(managementPort),
              "--connect-to",
              "alive.example.net:25:127.0.0.1:" + hop.port(),
              "--connect-to",
              "dead.example.net:25:127.0.0.1:" + nobody,
              "--connect-to",
              "internet-edge-0.internet-edge-pods.mail.svc.cluster.local:8080:127.0.0.1:"
                  + stays.managementPort));
    }

    /** Empty where it does not answer. */
    JsonNode state() throws InterruptedException {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/v1/state"))
              .header("Authorization", "Bearer secret")
              .timeout(Duration.ofSeconds(5))
              .build();
      try {
        return JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
      } catch (IOException e) {
        return JSON.createObjectNode();
      }
    }

    int queued(int unless) throws InterruptedException {
      return state().path("queued").asInt(unless);
    }
  }

  @Test
  void everyMessageArrivesOnceHoweverOftenEitherSideIsKilled(TestReporter reporter)
      throws Exception {
    int kills = Integer.getInteger("kills", 8);
    stays.configure("dead.example.net", null);
    goes.configure("dead.example.net", null);
    RelayProcess from = null;
    RelayProcess to = null;
    ledger.begin();
    try (LedgerHop hop = new LedgerHop(ledger)) {
      try (RelayProcess before = goes.start(hop).awaitOutput("ready")) {
        LedgerClients.sendAll(ledger, goes.smtpPort, MESSAGES, random);
        assertThat(before.terminate()).isZero();
      }
      goes.configure("dead.example.net", 1);
      to = stays.start(hop).awaitOutput("ready");
      from = goes.start(hop);
      int killedWhileHandingOver = 0;
      for (int i = 0; i < kills; i++) {
        killedWhileHandingOver += awaitProgress(kills) > 0 ? 1 : 0;
        boolean taker = random.nextBoolean();
        RelayProcess victim = taker ? to : from;
        victim.kill9();
        RelayProcess next = (taker ? stays : goes).start(hop);
        to = taker ? next : to;
        from = taker ? from : next;
      }
      await().alias("seed " + seed).atMost(LONG).until(() -> drain().equals("empty"));
      stays.configure("alive.example.net", null);
      await()
          .alias("seed " + seed)
          .atMost(LONG)
          .until(() -> ledger.owed() == 0 && stays.queued(1) == 0);
      String report =
          ledger.summary()
              + "%-36s %d%n%-36s %d%n".formatted("kills of either side", kills, "seed", seed)
              + "%-36s %d%n".formatted("  while messages were left", killedWhileHandingOver);
      Files.writeString(REPORT, report);
      reporter.publishEntry("handover", "\n" + report);
      assertThat(killedWhileHandingOver).as("seed %d", seed).isPositive();
    } finally {
      for (RelayProcess each : new RelayProcess[] {from, to}) {
        if (each != null) {
          each.close();
        }
      }
      http.close();
    }
    assertThat(ledger.faults()).as("seed %d", seed).isEmpty();
  }

  private String drain() throws InterruptedException {
    return goes.state().path("drain").asText();
  }

  /** Waits until some part of the queue has gone, or for a while; gives back what is left. */
  private int awaitProgress(int kills) throws InterruptedException {
    long until = System.nanoTime() + 1_000_000L * (2000 + random.nextInt(3000));
    await()
        .alias("seed " + seed)
        .atMost(LONG)
        .until(() -> goes.state().has("queued") || System.nanoTime() - until > 0);
    int target =
        Math.max(1, goes.queued(MESSAGES) - random.nextInt(2 * MESSAGES / Math.max(1, kills)));
    await()
        .alias("seed " + seed)
        .pollInterval(Duration.ofMillis(2))
        .atMost(LONG)
        .until(() -> goes.queued(MESSAGES) <= target || System.nanoTime() - until > 0);
    return goes.queued(0);
  }
}
