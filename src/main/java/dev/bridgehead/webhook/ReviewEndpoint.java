package dev.bridgehead.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
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
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an AdmissionReview, has it judged, writes the answer. Whoever sends nonsense learns so in
 * one line.
 */
final class ReviewEndpoint implements Handler {
  static final String PATH = "/validate-bridgehead-dev-v1-smtpconnector";

  private static final Logger LOG = LoggerFactory.getLogger(ReviewEndpoint.class);

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final ConnectorAdmission admission;
  private volatile boolean closing; // set by the thread that stops the process

  ReviewEndpoint(ConnectorAdmission admission) {
    this.admission = admission;
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
    JsonNode tree;
    try {
      tree =
          request.content().hasEntity()
              ? JSON.readTree(request.content().as(byte[].class))
              : MissingNode.getInstance();
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
    ObjectNode envelope = tree.deepCopy();
    ((ObjectNode) envelope.path("request")).remove(List.of("object", "oldObject"));
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
