package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.TestClient;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.routing.ConnectTo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The tools against a running relay, whose next hops do not answer. */
class QueueCommandTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Path folder;
  private final Path token;
  private final Relay relay;
  private final int port;

  QueueCommandTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.token = Files.writeString(folder.resolve("token"), "secret\n");
    this.relay = relay();
    this.port = relay.managementPort();
  }

  private Relay relay() throws IOException {
    String yaml =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: dead.example.net}]}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
          delivery: {retryIntervals: [1h], expireAfter: 1d}
        """;
    RelayConfig config = RelayConfigs.onLaptop(yaml);
    int nobody;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = closed.getLocalPort();
    }
    return Relay.start(
        new RelaySetup(
            new CurrentConfig(
                new RelayConfig(
                    config.identity(),
                    new RelayConfig.Listening(0, true, 1 << 20, true),
                    config.access(),
                    config.routes(),
                    config.outgoing(),
                    config.retry())),
            folder.resolve("data"),
            ConnectTo.parse(List.of("dead.example.net:25:127.0.0.1:" + nobody)),
            null,
            true,
            new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret")));
  }

  @AfterEach
  void stop() {
    relay.close();
  }

  private record Ended(int code, String out, String err) {
    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out);
    }
  }

  private static Ended run(List<String> args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = command.execute(args.toArray(String[]::new));
    return new Ended(code, out.toString(), err.toString());
  }

  private Ended queue(String command, String... options) {
    List<String> args = new ArrayList<>(List.of("queue", command));
    args.addAll(List.of("--management", "http://127.0.0.1:" + port));
    args.addAll(List.of("--token-file", token.toString()));
    args.addAll(List.of(options));
    return run(args);
  }

  /** Accepted, tried once, and waiting: its queue id. */
  private String waiting(String from, String to) throws IOException {
    return waiting(TestClient.send(relay.smtpPort(), from, to));
  }

  private String waiting(String reply) throws IOException {
    String id = reply.replaceAll(".*\\b([0-9A-Z]{16})\\b.*", "$1");
    await().atMost(SOON).until(() -> queue("show", id, "-o", "json").out().contains("\"waiting\""));
    return id;
  }

  @Test
  void listsWhatWaitsAndWhy() throws IOException {
    assertThat(queue("ls").err()).isEqualTo("nothing in the queue\n");
    String id = waiting("a@example.org", "b@example.com");
    Ended text = queue("ls");
    assertThat(text.code()).isZero();
    assertThat(text.out().lines()).hasSize(2);
    assertThat(text.out())
        .startsWith("ID ")
        .contains(id, "waiting", "smart hosts", "a@example.org", "dead.example.net");
    JsonNode entry = queue("ls", "-o", "json").json();
    assertThat(entry.path("recipients").path(0).asText()).isEqualTo("b@example.com");
    assertThat(entry.path("size").asLong()).isPositive();
  }

  @Test
  void listsWhatIsSelectedAndSaysHowManyMoreThereAre() throws IOException {
    waiting("a@example.org", "b@example.com");
    waiting("c@example.org", "D@example.com");
    assertThat(queue("ls", "--from", "C@example.org").out().lines()).hasSize(2);
    assertThat(queue("ls", "--to", "d@EXAMPLE.com", "--state", "waiting").out().lines()).hasSize(2);
    assertThat(queue("ls", "--destination", "example.com").err())
        .isEqualTo("nothing in the queue is selected\n");
    Ended limited = queue("ls", "--limit", "1");
    assertThat(limited.out().lines()).hasSize(2);
    assertThat(limited.err()).isEqualTo("and 1 more: raise --limit, or select fewer\n");
    assertThat(queue("ls", "--limit", "1", "--to", "b@example.com").err()).isEmpty();
  }

  @Test
  void showsAMessageAndEachRecipient() throws IOException {
    String id = waiting("a@example.org", "b@example.com");
    assertThat(queue("show", id).out())
        .contains("sender     a@example.org", "recipient  b@example.com", "waiting, attempts ");
    JsonNode recipient = queue("show", id, "-o", "json").json().path("recipients").path(0);
    assertThat(recipient.path("reason").asText()).contains("dead.example.net");
    Ended unknown = queue("show", "000000000000");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).isEqualTo("bridgehead: no message 000000000000 in the queue\n");
  }

  @Test
  void showsThatASenderNeedsNoTls() throws IOException {
    String usual = waiting("a@example.org", "b@example.com");
    String asking =
        waiting(
            TestClient.send(
                relay.smtpPort(),
                "a@example.org",
                "b@example.com",
                "TLS-Required: No\r\n\r\nhello\r\n"));
    assertThat(queue("show", asking).out())
        .contains("TLS        not needed, says its sender (TLS-Required: No)\n");
    assertThat(queue("show", usual).out()).doesNotContain("TLS");
  }

  @Test
  void holdsAndReleases() throws IOException {
    String id = waiting("a@example.org", "b@example.com");
    assertThat(queue("hold", id).out()).isEqualTo("1 message held\n");
    assertThat(queue("ls", "--state", "held").out()).contains("(by hand)");
    Ended again = queue("hold", id);
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).startsWith(id + ": not in the queue, or nothing in it to be held");
    assertThat(queue("release", "--from", "a@example.org").out()).isEqualTo("1 message released\n");
    await().atMost(SOON).until(() -> queue("show", id, "-o", "json").out().contains("\"waiting\""));
  }

  @Test
  void triesAgainWhatIsFlushed() throws IOException {
    String id = waiting("a@example.org", "b@example.com");
    int before = attempts(id);
    assertThat(queue("flush", "--all").out()).isEqualTo("1 message flushed\n");
    await().atMost(SOON).until(() -> attempts(id) > before);
  }

  private int attempts(String id) throws IOException {
    return queue("show", id, "-o", "json").json().at("/recipients/0/attempts").asInt();
  }

  @Test
  void removesOnlyWhatIsSaid() throws IOException {
    String id = waiting("a@example.org", "b@example.com");
    waiting("c@example.org", "d@example.com");
    Ended unsaid = queue("rm");
    assertThat(unsaid.code()).isEqualTo(2);
    assertThat(unsaid.err()).contains("say which messages").hasLineCount(1);
    assertThat(queue("rm", id, "--all").code()).isEqualTo(2);
    assertThat(queue("rm", id).out()).isEqualTo("1 message removed\n");
    assertThat(queue("ls").out()).doesNotContain(id).contains("c@example.org");
    JsonNode rest = queue("rm", "--all", "-o", "json").json();
    assertThat(rest.path("done").asInt()).isEqualTo(1);
    assertThat(queue("ls").out()).isEmpty();
  }

  @Test
  void returnsToTheSenderWhatIsBounced() throws IOException {
    String id = waiting("a@example.org", "b@example.com");
    assertThat(queue("bounce", id).out()).isEqualTo("1 message returned\n");
    JsonNode notice = queue("ls", "-o", "json").json();
    assertThat(notice.path("sender").asText()).isEqualTo("<>");
    assertThat(notice.path("recipients").path(0).asText()).isEqualTo("a@example.org");
  }

  @Test
  void countsTheQueue() throws IOException {
    waiting("a@example.org", "b@example.com");
    assertThat(queue("stats").out())
        .contains("messages   1", "waiting  1", "held     0", "smart hosts");
    JsonNode stats = queue("stats", "-o", "json").json();
    assertThat(stats.path("spoolBytes").asLong()).isPositive();
    assertThat(stats.at("/largest/0/messages").asLong()).isEqualTo(1);
  }

  @Test
  void saysInOneLineWhatIsWrong() throws IOException {
    assertOneLine(run(List.of("queue")), 2, "a command is missing");
    assertOneLine(queue("show", "nix"), 2, "\"nix\" is no queue id");
    assertOneLine(queue("ls", "--state", "nix"), 2, "--state", "ready, waiting, held, active");
    assertOneLine(queue("ls", "--limit", "0"), 2, "--limit");
    Files.writeString(token, "wrong");
    assertOneLine(queue("ls"), 1, "does not take this token");
    Files.delete(token);
    assertOneLine(queue("ls"), 1, token + ": no such file");
    assertOneLine(
        run(List.of("queue", "ls", "--data", folder.toString())), 1, "management.json: no such");
  }

  @Test
  void saysThatNobodyAnswers() {
    relay.close();
    assertOneLine(queue("ls"), 1, "no relay answers at http://127.0.0.1:");
  }

  private static void assertOneLine(Ended ended, int code, String... parts) {
    assertThat(ended.err()).contains(parts).hasLineCount(1).doesNotContain("\tat ", "Exception");
    assertThat(ended.code()).isEqualTo(code);
  }

  @Test
  void refusesWhoHasNoTokenAndWhatItDoesNotUnderstand() throws Exception {
    String url = "http://127.0.0.1:" + relay.managementPort() + "/v1/queue/";
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (String path : List.of("messages", "messages/000000000000/content", "stats")) {
        HttpRequest bare = HttpRequest.newBuilder(URI.create(url + path)).build();
        assertThat(http.send(bare, HttpResponse.BodyHandlers.ofString()).statusCode())
            .isEqualTo(401);
      }
      HttpRequest bare =
          HttpRequest.newBuilder(URI.create(url + "rm"))
              .POST(HttpRequest.BodyPublishers.ofString("{\"all\":true}"))
              .build();
      assertThat(http.send(bare, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(401);
      for (String body : List.of("", "[]", "{", "{}", "{\"nix\":1}", "{\"ids\":[\"x\"]}")) {
        HttpRequest wrong =
            HttpRequest.newBuilder(URI.create(url + "rm"))
                .header("Authorization", "Bearer secret")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = http.send(wrong, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(body).isEqualTo(400);
        assertThat(answer.body()).as(body).hasLineCount(1);
      }
    }
  }
}
