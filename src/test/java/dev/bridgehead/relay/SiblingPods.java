package dev.bridgehead.relay;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.subethamail.smtp.server.SMTPServer;

/**
 * Two pods of one StatefulSet as relays in this process, each reaching the other through a proxy,
 * and a next hop that they share and only {@code alive.example.net} leads to.
 */
final class SiblingPods implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Message ids of what the next hop got, in their order. */
  final List<String> arrived = new CopyOnWriteArrayList<>();

  private final SMTPServer hop =
      SMTPServer.port(0)
          .bindAddress(InetAddress.getLoopbackAddress())
          .messageHandler((_, from, to, data) -> arrived.add(to))
          .build();
  private final Path folder;
  private final long seed;
  private final int nobody;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Pod> pods = new ArrayList<>();

  SiblingPods(Path folder, long seed) throws IOException {
    this.folder = folder;
    this.seed = seed;
    hop.start();
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = closed.getLocalPort();
    }
    pods.add(new Pod(0));
    pods.add(new Pod(1));
  }

  /** The one that stays. */
  Pod stays() {
    return pods.getFirst();
  }

  /** The one that is drained. */
  Pod goes() {
    return pods.getLast();
  }

  /** A pod, over the lives of its process. */
  final class Pod {
    final int ordinal;
    private int lives;
    private Duration siblingPause = Duration.ofMillis(20);
    private CurrentConfig config = config("dead.example.net", null);
    private CuttingProxy toSibling;
    private Path data;
    private @Nullable Relay relay;

    Pod(int ordinal) throws IOException {
      this.ordinal = ordinal;
      this.data = Files.createDirectories(folder.resolve(ordinal + "-0"));
      this.toSibling = proxy();
    }

    /** What was left open is not asked before so long. */
    void askingAgainAfter(Duration pause) {
      siblingPause = pause;
    }

    private CuttingProxy proxy() throws IOException {
      return new CuttingProxy(() -> pods.get(1 - ordinal).port(), seed + ordinal + 31L * lives);
    }

    private int port() {
      Relay now = relay;
      return now == null ? nobody : now.managementPort();
    }

    CuttingProxy toSibling() {
      return toSibling;
    }

    Relay relay() {
      Relay now = relay;
      if (now == null) {
        throw new IllegalStateException("it is down");
      }
      return now;
    }

    void start() throws IOException {
      relay =
          Relay.start(
              new RelaySetup(
                  config,
                  data,
                  ConnectTo.parse(
                      List.of(
                          "alive.example.net:25:127.0.0.1:" + hop.getPortAllocated(),
                          "dead.example.net:25:127.0.0.1:" + nobody,
                          "test-edge-%d.test-edge-pods.mail.svc.cluster.local:8080:127.0.0.1:%d"
                              .formatted(1 - ordinal, toSibling.port()))),
                  null,
                  true,
                  new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret"),
                  new RelaySetup.Pod("test-edge-" + ordinal, Duration.ofMillis(1), siblingPause)));
    }

    /** SIGTERM. */
    void stop() {
      relay().close();
      relay = null;
    }

    /**
     * Dies as by kill -9: from here on nobody hears of it, and the next process finds what the
     * kernel had.
     */
    void die() throws IOException {
      Relay dying = relay();
      relay = null;
      toSibling.sever();
      pods.get(1 - ordinal).toSibling.breakAll();
      lives++;
      Path found = folder.resolve(ordinal + "-" + lives);
      copyAlive(data, found);
      data = found;
      toSibling = proxy();
      config = new CurrentConfig(config.get());
      dying.close();
    }

    void routeTo(String smartHost, @Nullable Integer drainFrom) {
      config.set(config(smartHost, drainFrom).get());
    }

    void accept(int count, String name) throws IOException {
      for (int i = 0; i < count; i++) {
        String unused =
            TestClient.send(relay().smtpPort(), "a@example.org", name + "-" + i + "@example.com");
      }
    }

    JsonNode state() throws Exception {
      return JSON.readTree(get("/v1/state"));
    }

    String drain() throws Exception {
      return state().get("drain").asText();
    }

    int queued() throws Exception {
      return state().get("queued").asInt();
    }

    void awaitDrain(String expected) {
      await()
          .alias("seed " + seed + ": pod " + ordinal + " " + expected)
          .atMost(SOON)
          .until(() -> drain().equals(expected));
    }

    /** Entries as {@code queue ls} shows them. */
    List<JsonNode> list() throws Exception {
      List<JsonNode> entries = new ArrayList<>();
      for (String line : get("/v1/queue/messages").lines().toList()) {
        JsonNode entry = JSON.readTree(line);
        if (entry.has("id")) {
          entries.add(entry);
        }
      }
      return entries;
    }

    String get(String path) throws Exception {
      return ask("GET", path, new byte[0]).body();
    }

    HttpResponse<String> ask(String method, String path, byte[] body) throws Exception {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
              .header("Authorization", "Bearer secret")
              .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static CurrentConfig config(String smartHost, @Nullable Integer drainFrom) {
    try {
      return new CurrentConfig(
          drainFrom == null
              ? TestConnector.forwardingTo(smartHost)
              : TestConnector.drainingFrom(smartHost, drainFrom));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A folder in which a relay works; bodies last, since a record never comes before its body. */
  private static void copyAlive(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(from)) {
      files =
          all.sorted(
                  Comparator.comparing((Path each) -> each.toString().contains("bodies"))
                      .thenComparing(Comparator.naturalOrder()))
              .toList();
    }
    for (Path file : files) {
      Path copy = to.resolve(from.relativize(file));
      try {
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      } catch (NoSuchFileException e) {
        assertGone(file);
      }
    }
  }

  private static void assertGone(Path file) {
    if (Files.exists(file)) {
      throw new AssertionError(file + " can't be copied");
    }
  }

  @Override
  public void close() {
    for (Pod pod : pods) {
      if (pod.relay != null) {
        pod.stop();
      }
      pod.toSibling.close();
    }
    hop.stop();
    http.close();
  }
}
