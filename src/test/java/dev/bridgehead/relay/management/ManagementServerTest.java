package dev.bridgehead.relay.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.manifest.TokenProof;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.queue.Deferral;
import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementServerTest {
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile boolean ready = true;
  private volatile RelayState state =
      new RelayState(
          "internet-edge-0",
          "abc",
          3,
          true,
          12,
          1,
          Optional.of(Instant.parse("2026-03-01T10:00:00Z")),
          DrainState.ACCEPTING,
          List.of("a loop"),
          List.of("a name"),
          List.of("an address"),
          Optional.of(
              new Deferral(
                  10,
                  "smart hosts",
                  Reason.DEAD_HOST,
                  new EnhancedStatus(4, 4, 1),
                  "did not answer lately")));
  private final ManagementServer server;

  ManagementServerTest() throws BindException {
    server =
        ManagementServer.start(
            InetAddress.getLoopbackAddress(),
            0,
            new ManagementServer.Answers(
                () -> true,
                () -> ready,
                () -> state,
                () -> "right",
                "internet-edge-0",
                metrics,
                null,
                null));
  }

  @AfterEach
  void close() {
    server.close();
    http.close();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void answersProbes() throws Exception {
    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    ready = false;
    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
  }

  @Test
  void servesMetricsInPrometheusForm() throws Exception {
    Counter.builder("bridgehead.messages.delivered").register(metrics).increment();
    HttpResponse<String> response = get("/metrics");
    assertThat(response.body()).contains("bridgehead_messages_delivered_total 1.0");
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
  }

  @Test
  void tellsItsStateToWhoHasTheToken() throws Exception {
    assertThat(get("/v1/state", "Authorization", "Bearer right").body())
        .isEqualTo(
            "{\"pod\":\"internet-edge-0\",\"hash\":\"abc\",\"generation\":3,\"ready\":true,\"queued\":12,"
                + "\"oldest\":\"2026-03-01T10:00:00Z\",\"loops\":[\"a loop\"],\"unresolved\":[\"a name\"],"
                + "\"refused\":[\"an address\"],\"deferral\":{\"messages\":10,\"nextHop\":\"smart hosts\","
                + "\"reason\":\"dead_host\",\"status\":\"4.4.1\",\"text\":\"did not answer lately\"},"
                + "\"quarantined\":1,\"drain\":\"accepting\"}");
    state =
        new RelayState(
            null,
            "abc",
            3,
            true,
            0,
            0,
            Optional.empty(),
            DrainState.NONE,
            List.of(),
            null,
            List.of(),
            Optional.empty());
    assertThat(get("/v1/state", "Authorization", "Bearer right").body())
        .contains("\"oldest\":null", "\"unresolved\":null", "\"deferral\":null");
  }

  @Test
  void tellsItsStateAndProvesItToWhoProvesToKnowTheToken() throws Exception {
    String nonce = "0123456789abcdef".repeat(2);
    String question = TokenProof.question("right", "internet-edge-0", nonce);

    HttpResponse<String> answer = get("/v1/state", "Authorization", question);

    assertThat(answer.statusCode()).isEqualTo(200);
    String proof = answer.headers().firstValue(TokenProof.ANSWER_FIELD).orElseThrow();
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    assertThat(TokenProof.proves(proof, "right", nonce, body)).isTrue();
    assertThat(TokenProof.proves(proof, "right", "0".repeat(32), body)).isFalse();
    assertThat(TokenProof.proves(proof, "right", nonce, new byte[0])).isFalse();
    for (String wrong :
        List.of(
            TokenProof.question("wrong", "internet-edge-0", nonce),
            TokenProof.question("right", "internet-edge-1", nonce),
            question.replace("0123", "1123"),
            question.substring(1))) {
      assertThat(get("/v1/state", "Authorization", wrong).statusCode()).as(wrong).isEqualTo(401);
    }
    assertThat(get("/v1/queue/stats", "Authorization", question).statusCode())
        .as("for the state only")
        .isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer wrong", "Bearer ", "Bearer right2", "right", "Basic right"})
  void refusesWhoHasNot(String authorization) throws Exception {
    assertThat(get("/v1/state", "Authorization", authorization).statusCode()).isEqualTo(401);
  }

  @Test
  void refusesWhoShowsNothing() throws Exception {
    assertThat(get("/v1/state").statusCode()).isEqualTo(401);
    assertThat(BearerToken.accepted("Bearer ", "")).isFalse();
  }

  @Test
  void saysWhichPortIsTakenAndWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      ManagementServer.Answers answers =
          new ManagementServer.Answers(
              () -> true, () -> true, () -> state, () -> "right", null, metrics, null, null);
      assertThatThrownBy(
              () -> ManagementServer.start(InetAddress.getLoopbackAddress(), port, answers))
          .isInstanceOf(BindException.class)
          .hasMessage(
              "cannot listen on port %d for management: Address already in use: choose another with --management-port"
                  .formatted(port));
    }
  }
}
