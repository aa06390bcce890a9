package dev.bridgehead.operator.bridgehead;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.api.Deferral;
import dev.bridgehead.manifest.TokenProof;
import dev.bridgehead.operator.model.PodState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link RelayApi} over HTTP, straight to the pod's address, which may be another's by now: the
 * token is not shown, and an answer must prove that it comes from a relay that knows it.
 */
public final class HttpRelayApi implements RelayApi {
  private static final Logger LOG = LoggerFactory.getLogger(HttpRelayApi.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A state is some hundred octets, or with many remarks on next hops some ten thousand. */
  private static final int LONGEST_ANSWER = 256 << 10;

  private final ObjectMapper json = new ObjectMapper();
  private final SecureRandom random = new SecureRandom();
  private final int port;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  /**
   * @param port of the management API
   */
  public HttpRelayApi(int port) {
    this.port = port;
  }

  @Override
  public Optional<PodState> state(String pod, String podIp, String token) {
    String host = podIp.contains(":") ? "[" + podIp + "]" : podIp;
    String nonce = TokenProof.nonce(random);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/v1/state"))
            .timeout(PATIENCE)
            .header("Authorization", TokenProof.question(token, pod, nonce))
            .build();
    // A request's own time-out ends with the header of the answer: the rest might never come.
    CompletableFuture<HttpResponse<byte[]>> asked =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER));
    try {
      HttpResponse<byte[]> response = asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        LOG.debug("{} answered {} to the question for its state", podIp, response.statusCode());
        return Optional.empty();
      }
      byte[] body = response.body();
      String proof = response.headers().firstValue(TokenProof.ANSWER_FIELD).orElse("");
      if (!TokenProof.proves(proof, token, nonce, body)) {
        LOG.debug("{} answered, and does not know the token of {}", podIp, pod);
        return Optional.empty();
      }
      return parse(pod, new String(body, StandardCharsets.UTF_8));
    } catch (ExecutionException e) {
      LOG.debug("{} did not say its state: {}", podIp, String.valueOf(e.getCause()));
      return Optional.empty();
    } catch (TimeoutException e) {
      asked.cancel(true);
      LOG.debug("{} did not say its state within {} s", podIp, PATIENCE.toSeconds());
      return Optional.empty();
    } catch (InterruptedException e) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static List<String> lines(JsonNode array) {
    List<String> lines = new ArrayList<>();
    array.forEach(line -> lines.add(line.asText()));
    return lines;
  }

  private static PodState.Draining drain(String text) {
    for (PodState.Draining each : PodState.Draining.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
        return each;
      }
    }
    return PodState.Draining.NONE;
  }

  /** No longer than a status takes: one that it refused would keep all the rest from being seen. */
  private static @Nullable Deferral deferral(JsonNode deferral) {
    return deferral.path("messages").asLong() <= 0
        ? null
        : new Deferral(
            deferral.path("messages").asLong(),
            bounded(deferral.path("nextHop"), 253),
            bounded(deferral.path("reason"), 32),
            bounded(deferral.path("status"), 16),
            bounded(deferral.path("text"), 256));
  }

  private static String bounded(JsonNode text, int most) {
    String all = text.asText();
    return all.substring(
        0, all.offsetByCodePoints(0, Math.min(most, all.codePointCount(0, all.length()))));
  }

  /** An address goes from pod to pod, and pods of one bridgehead know the same token. */
  private Optional<PodState> parse(String pod, String text) {
    try {
      JsonNode state = json.readTree(text);
      if (!state.path("pod").asText().equals(pod)) {
        LOG.debug("{} was asked for its state, {} answered", pod, state.path("pod"));
        return Optional.empty();
      }
      if (!state.path("hash").isTextual() || !state.path("queued").canConvertToLong()) {
        return Optional.empty();
      }
      return Optional.of(
          new PodState(
              state.path("hash").asText(),
              state.path("generation").asLong(),
              state.path("ready").asBoolean(),
              state.path("queued").asLong(),
              state.path("oldest").isTextual() ? state.path("oldest").asText() : null,
              state.path("quarantined").asLong(),
              lines(state.path("loops")),
              state.path("unresolved").isNull() ? null : lines(state.path("unresolved")),
              lines(state.path("refused")),
              deferral(state.path("deferral")),
              drain(state.path("drain").asText())));
    } catch (JsonProcessingException e) {
      LOG.debug("not a state: {}", e.getOriginalMessage());
      return Optional.empty();
    }
  }
}
