package dev.bridgehead.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionReview;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.javaoperatorsdk.webhook.admission.AdmissionController;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an AdmissionReview, has it judged, writes the answer. Whoever sends nonsense learns so in
 * one line.
 */
final class ReviewEndpoint implements Handler {
  static final String PATH = "/validate-bridgehead-dev-v1-smtpconnector";

  private static final Logger LOG = LoggerFactory.getLogger(ReviewEndpoint.class);

  /**
   * Several times what the largest connector that the schema allows comes to, twice: a body of the
   * largest size could else become a tree of several hundred MiB.
   */
  private static final int MOST_TOKENS = 100_000;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxTokenCount(MOST_TOKENS).build())
                  .build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Octets of a body; larger ones are read and judged one at a time. */
  private static final int ORDINARY = 128 << 10;

  /** Well below the time that the API server waits. */
  private static final Duration TURN = Duration.ofSeconds(1);

  /** An API server sends a review at once, and waits no longer for the answer than this. */
  private static final Duration READING = Duration.ofSeconds(5);

  private final ConnectorAdmission admission;
  private final ReadDeadline reading;

  // Whoever reaches the port may send: what all of them send at once has to fit into the heap.
  private final Semaphore large = new Semaphore(1);
  private final Semaphore judging = new Semaphore(16);
  private volatile boolean closing; // set by the thread that stops the process

  ReviewEndpoint(ConnectorAdmission admission) {
    this(admission, READING);
  }

  /**
   * @param reading after which a connection whose body is not there is closed
   */
  ReviewEndpoint(ConnectorAdmission admission, Duration reading) {
    this.admission = admission;
    this.reading = new ReadDeadline(reading);
  }

  /** From now on each answer is the last one of its connection. */
  void closeConnections() {
    closing = true;
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) throws IOException {
    if (closing) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    boolean isLarge = request.headers().contentLength().orElse(Long.MAX_VALUE) > ORDINARY;
    inTurn(
        isLarge,
        large,
        response,
        () -> {
          byte[] body = body(request);
          inTurn(true, judging, response, () -> judge(body, response));
        });
  }

  /** A connection is one of few: who sends no body must not keep it. */
  private byte[] body(ServerRequest request) {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (ReadDeadline.Guard _ = reading.begin()) {
      return request.content().as(byte[].class);
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private static void inTurn(boolean takes, Semaphore turns, ServerResponse response, Work work)
      throws IOException {
    try {
      if (takes && !turns.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
        answer(response, Status.SERVICE_UNAVAILABLE_503, "too many reviews at once: try again");
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer(response, Status.SERVICE_UNAVAILABLE_503, "the webhook is stopping: try again");
      return;
    }
    try {
      work.run();
    } finally {
      if (takes) {
        turns.release();
      }
    }
  }

  private void judge(byte[] body, ServerResponse response) throws IOException {
    JsonNode tree;
    try {
      tree = JSON.readTree(body);
    } catch (StreamConstraintsException e) {
      answer(response, Status.BAD_REQUEST_400, "the body has more parts than any connector");
      return;
    } catch (JsonProcessingException e) {
      answer(response, Status.BAD_REQUEST_400, "the body is no JSON");
      return;
    }
    if (!tree.path("kind").asText().equals("AdmissionReview")
        || !tree.path("apiVersion").asText().equals("admission.k8s.io/v1")
        || tree.path("request").path("uid").asText().isEmpty()) {
      answer(
          response,
          Status.BAD_REQUEST_400,
          "the body is no admission.k8s.io/v1 AdmissionReview with a request");
      return;
    }
    AdmissionReview answer;
    try {
      answer = review(tree);
    } catch (JsonProcessingException e) {
      answer(
          response,
          Status.BAD_REQUEST_400,
          "the AdmissionReview's request has fields of other types");
      return;
    } catch (RuntimeException e) {
      // What went wrong is the log's, not the caller's.
      LOG.error("An admission request failed", e);
      answer(
          response,
          Status.INTERNAL_SERVER_ERROR_500,
          "bridgehead could not judge the object; its log says why");
      return;
    }
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.send(JSON.writeValueAsBytes(answer));
  }

  /**
   * The objects are judged as trees: bound to types, one odd value in them would make the whole
   * review unreadable.
   */
  private AdmissionReview review(JsonNode tree) throws JsonProcessingException {
    ObjectNode envelope = JSON.createObjectNode().setAll((ObjectNode) tree);
    ObjectNode bare = JSON.createObjectNode().setAll((ObjectNode) tree.path("request"));
    envelope.set("request", bare.remove(List.of("object", "oldObject")));
    AdmissionReview review = JSON.treeToValue(envelope, AdmissionReview.class);
    AdmissionReview answer =
        new AdmissionController<>(request -> admission.judge(tree.path("request"))).handle(review);
    if (!answer.getResponse().getAllowed()) {
      LOG.info(
          "Refused to {}: {}",
          review.getRequest().getUserInfo() == null
              ? "somebody"
              : review.getRequest().getUserInfo().getUsername(),
          answer.getResponse().getStatus().getMessage());
    }
    return answer;
  }

  private static void answer(ServerResponse response, Status status, String line) {
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    response.send(line + "\n");
  }
}
