package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real HTTPS on loopback, by a client that verifies name and certificate. */
class ReviewEndpointTest {
  private static final String REVIEW =
      """
      {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "8f2a", "operation": "CREATE", "namespace": "mail", "userInfo": {"username": "ada"},
        "object": {"apiVersion": "bridgehead.dev/v1", "kind": "SmtpConnector", "metadata": {"name": "internet"},
          "spec": {"routing": {"mode": %s}, "bridgeheads": [{"name": "edge", "hostname": "mail.example.com"}]}}}}
      """;

  private static final String HEAD =
      "POST /validate-bridgehead-dev-v1-smtpconnector HTTP/1.1\r\nHost: x\r\nContent-Length: ";

  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final Duration READING = Duration.ofSeconds(1);

  @SuppressWarnings("NullAway.Init") // before each test
  private WebServer server;

  @SuppressWarnings("NullAway.Init")
  private HttpClient client;

  private ServiceAddresses addresses = (namespace, names) -> List.of();

  @BeforeEach
  void start() throws Exception {
    Authority authority = Authority.create(Instant.now(), Duration.ofHours(1), new SecureRandom());
    CurrentCertificate certificate = new CurrentCertificate();
    certificate.show(
        authority.issue(
            List.of("127.0.0.1"), Instant.now(), Duration.ofHours(1), new SecureRandom()));
    server =
        WebhookServer.listen(
            new WebhookServer.Settings(
                InetAddress.ofLiteral("127.0.0.1"),
                0,
                List.of("127.0.0.1"),
                "x",
                "cluster.local",
                new WebhookServer.OwnAuthority("mail-system", "ca")),
            certificate,
            new ReviewEndpoint(
                new ConnectorAdmission(
                    "cluster.local", (namespace, names) -> addresses.of(namespace, names)),
                READING),
            SILENCE);
    client = HttpClient.newBuilder().sslContext(trusting(authority)).build();
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop();
  }

  @Test
  void answersWithTheRequestsUid() throws Exception {
    HttpResponse<String> answer = post(REVIEW.formatted("\"DNS\""));

    JsonNode review = new ObjectMapper().readTree(answer.body());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(review.path("kind").asText()).isEqualTo("AdmissionReview");
    assertThat(review.path("apiVersion").asText()).isEqualTo("admission.k8s.io/v1");
    assertThat(review.path("response").path("uid").asText()).isEqualTo("8f2a");
    assertThat(review.path("response").path("allowed").asBoolean()).isTrue();
    assertThat(review.path("response").path("warnings").size()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"Pigeon\"", "17", "{}", "[[\"DNS\"]]", "\"\\u0000\""})
  void refusesOddValuesWithoutFailing(String mode) throws Exception {
    HttpResponse<String> answer = post(REVIEW.formatted(mode));

    JsonNode review = new ObjectMapper().readTree(answer.body());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(review.path("response").path("allowed").asBoolean(true)).isFalse();
    assertThat(review.path("response").path("status").path("message").asText())
        .contains("spec.routing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "{",
        "[]",
        "null",
        "{}",
        "{\"kind\": \"AdmissionReview\", \"apiVersion\": \"admission.k8s.io/v1\"}",
        "{\"kind\": \"AdmissionReview\", \"apiVersion\": \"admission.k8s.io/v1\", \"request\": 7}",
        "{\"kind\": \"AdmissionReview\", \"apiVersion\": \"admission.k8s.io/v1\", \"request\": {\"uid\": \"a\", \"kind\": 7}}"
      })
  void tellsInALineWhatIsNoReview(String body) throws Exception {
    HttpResponse<String> answer = post(body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body().lines()).hasSize(1);
    assertThat(answer.body()).doesNotContain("Exception");
  }

  @Test
  void keepsTheReasonOfAFailureToItself() throws Exception {
    addresses =
        (namespace, names) -> {
          throw new IllegalStateException("secret reason");
        };

    HttpResponse<String> answer = post(REVIEW.formatted("\"DNS\""));

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("secret reason").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"DELETE", "CONNECT", "UPDATE", "Whatever"})
  void letsPassWhatIsNoConnectorToJudge(String operation) throws Exception {
    String other = REVIEW.formatted("17").replace("SmtpConnector", "Other");
    HttpResponse<String> ofAnotherKind = post(other.replace("CREATE", operation));
    HttpResponse<String> withoutObject =
        post(
            REVIEW
                .formatted("17")
                .replace("CREATE", operation)
                .replaceAll("(?s)\"object\": .*", "\"object\": null}}"));

    for (HttpResponse<String> answer : List.of(ofAnotherKind, withoutObject)) {
      JsonNode review = new ObjectMapper().readTree(answer.body());
      assertThat(review.path("response").path("allowed").asBoolean()).isTrue();
    }
  }

  /** Four MiB of it would be half a GiB as a tree, and the end of the operator. */
  @Test
  void refusesABodyOfCountlessPartsInALine() throws Exception {
    HttpResponse<String> answer = post("[" + "{},".repeat(1_000_000) + "{}]");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("the body has more parts than any connector\n");
  }

  @Test
  void refusesWhatIsLargerThanAnyReviewBeforeItIsSent() throws Exception {
    try (Socket sender = connected()) {
      sender.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
      send(sender, HEAD + (5 << 20) + "\r\n\r\n{");

      byte[] answer = sender.getInputStream().readNBytes(12);

      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
    }
  }

  @Test
  void judgesALargeReviewAsAnyOther() throws Exception {
    String note = "\"metadata\": {\"annotations\": {\"note\": \"" + "x".repeat(1 << 20) + "\"}, ";

    HttpResponse<String> answer =
        post(REVIEW.formatted("\"DNS\"").replace("\"metadata\": {", note));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"allowed\":true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "POST /validate-brid"})
  void closesConnectionsThatAskNothing(String beginning) throws Exception {
    try (Socket silent = connected()) {
      silent.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
      send(silent, beginning);

      Throwable end = catchThrowable(() -> silent.getInputStream().readAllBytes());

      assertThat(end instanceof SocketTimeoutException).as("closed, or reset: %s", end).isFalse();
    }
  }

  @Test
  void closesConnectionsWhoseBodyDoesNotComeThoughAnOctetComesNowAndThen() throws Exception {
    try (Socket slow = connected();
        Socket stalled = connected()) {
      for (Socket each : List.of(slow, stalled)) {
        each.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
        send(each, HEAD + "1000\r\n\r\n{");
      }
      Instant begun = Instant.now();
      CompletableFuture<Duration> ended =
          CompletableFuture.supplyAsync(
              () -> {
                Throwable end = catchThrowable(() -> stalled.getInputStream().readAllBytes());
                assertThat(end instanceof SocketTimeoutException).as("%s", end).isFalse();
                return Duration.between(begun, Instant.now());
              });

      Awaitility.await("an end of it")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(100))
          .until(() -> catchThrowable(() -> send(slow, " ")) != null);

      assertThat(ended.get(30, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(20));
      assertThat(post(REVIEW.formatted("\"DNS\"")).statusCode()).isEqualTo(200);
    }
  }

  private Socket connected() throws IOException {
    return client.sslContext().getSocketFactory().createSocket("127.0.0.1", server.port());
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private HttpResponse<String> post(String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(
                URI.create("https://127.0.0.1:" + server.port() + WebhookServer.path()))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build(),
        BodyHandlers.ofString());
  }

  private static SSLContext trusting(Authority authority) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("authority", authority.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
