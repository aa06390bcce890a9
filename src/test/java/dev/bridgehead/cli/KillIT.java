package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.cli.Ledger.Entry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real process, killed at random moments under load and started again on the same folder: what
 * had its 250 arrives or comes back as a notice, whole, and more than once only where RFC 1047 says
 * that it can't be helped. {@code -Dkills=500} makes more of them, {@code -Dseed=…} the same again.
 */
@Tag("tier3")
class KillIT {
  private static final Path REPORT = Path.of("target", "kill-report.txt");

  private static final Pattern DELIVERED =
      Pattern.compile("recipient=\"?<?((?:taken|later)-[0-9]+)@[^\n]*status=\"delivered\"");

  private final Ledger ledger = new Ledger();
  private final AtomicLong numbers = new AtomicLong();
  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final AtomicBoolean struck = new AtomicBoolean();
  private final Path folder;
  private final Path manifest;
  private final int port = freePort();

  KillIT(@TempDir Path folder) throws IOException {
    this.folder = folder;
    manifest = folder.resolve("connector.yaml");
    Files.writeString(
        manifest,
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: killed}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: hop.example.net}]}
          bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: {port: %d}}]
          delivery: {retryIntervals: [1s], expireAfter: 1d}
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

  /** When the process is killed. */
  private enum Moment {
    /** While it reads its spool. */
    STARTING,
    /** Some time under load. */
    ANY,
    /** Right after a client has read a 250. */
    PROMISED,
    /** When the next hop has a message, and has not said so yet: a duplicate must follow. */
    UNANSWERED
  }

  @Test
  void keepsEveryPromiseHoweverOftenItIsKilled(TestReporter reporter) throws Exception {
    int kills = Integer.getInteger("kills", 20);
    try (LedgerHop hop = new LedgerHop(ledger)) {
      for (int i = 0; i < kills; i++) {
        // The first three find something to kill, whatever the dice say.
        Moment moment = Moment.values()[i < 3 ? Moment.values().length - 1 - i : random.nextInt(4)];
        lifeUntil(moment, hop);
        if (ledger.beyondRepair()) {
          break;
        }
      }
      hop.beforeAnswer(() -> {});
      try (RelayProcess relay = start(hop).awaitOutput("ready")) {
        await()
            .atMost(Duration.ofSeconds(60L + kills))
            .until(() -> ledger.owed() == 0 && queued() == 0);
        assertThat(relay.terminate()).isZero();
      } finally {
        String report = ledger.summary() + "%-36s %d%n".formatted("seed", seed);
        Files.writeString(REPORT, report);
        reporter.publishEntry("kills", "\n" + report);
      }
    }
    assertThat(ledger.faults()).as("seed %d", seed).isEmpty();
  }

  private RelayProcess start(LedgerHop hop) throws IOException {
    ledger.begin();
    return RelayProcess.start(
        folder,
        Map.of(),
        List.of(
            "./bridgehead",
            "run",
            "-f",
            manifest.toString(),
            "--data",
            folder.resolve("data").toString(),
            "--connect-to",
            "hop.example.net:25:127.0.0.1:" + hop.port()));
  }

  private void lifeUntil(Moment moment, LedgerHop hop) throws Exception {
    hop.beforeAnswer(() -> {});
    struck.set(false);
    try (RelayProcess relay = start(hop)) {
      if (moment == Moment.STARTING) {
        relay.endsWithin(Duration.ofMillis(random.nextInt(1500)));
        strike(relay);
      } else {
        relay.awaitOutput("ready");
        load(moment, relay, hop);
      }
      assertThat(relay.endsWithin(Duration.ofSeconds(30))).isTrue();
      DELIVERED
          .matcher(relay.output())
          .results()
          .map(line -> Entry.of(line.group(1)))
          .forEach(ledger::loggedAsDelivered);
      assertThat(relay.exitCode()).as("not by SIGKILL: %s", relay.output()).isEqualTo(137);
    }
  }

  private void load(Moment moment, RelayProcess relay, LedgerHop hop) throws Exception {
    Runnable countdown = after(1 + random.nextInt(600), () -> strike(relay));
    if (moment == Moment.UNANSWERED) {
      hop.beforeAnswer(countdown);
    }
    LedgerClients clients =
        LedgerClients.start(
            ledger, port, numbers, random, moment == Moment.PROMISED ? countdown : () -> {});
    int most = moment == Moment.ANY ? random.nextInt(2000) : 10_000;
    if (!relay.endsWithin(Duration.ofMillis(most))) {
      strike(relay);
    }
    clients.join();
  }

  private void strike(RelayProcess relay) {
    if (struck.compareAndSet(false, true)) {
      ledger.kill();
      relay.strike();
    }
  }

  private static Runnable after(int times, Runnable action) {
    AtomicInteger left = new AtomicInteger(times);
    return () -> {
      if (left.decrementAndGet() == 0) {
        action.run();
      }
    };
  }

  /** As the relay itself says. */
  private int queued() throws IOException, InterruptedException {
    ObjectMapper json = new ObjectMapper();
    JsonNode laptop = json.readTree(folder.resolve("data/management.json").toFile());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(laptop.get("url").asText() + "/v1/state"))
            .header("Authorization", "Bearer " + laptop.get("token").asText())
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return json.readTree(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
          .get("queued")
          .asInt();
    }
  }
}
