package dev.bridgehead.relay.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.manifest.TokenProof;
import dev.bridgehead.relay.queue.Deferral;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /livez}, {@code /readyz} and {@code /metrics} for everybody, {@code /v1} for who has the
 * token; the state and what siblings ask also, or only, for who proves to know it. Handlers run on
 * Helidon's virtual threads.
 */
public final class ManagementServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HeaderName PROOF = HeaderNames.create(TokenProof.ANSWER_FIELD);

  private static final String HANDOVER = "/v2/handover";

  /**
   * Longer than a sibling keeps an idle connection (30 s): it would find it closed at the very
   * moment when it has something to say.
   */
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final WebServer server;
  private final Patience patience;

  private ManagementServer(WebServer server, Patience patience) {
    this.server = server;
    this.patience = patience;
  }

  /**
   * What is answered.
   *
   * @param live false: the process had better be restarted
   * @param ready false: no mail should be sent here
   * @param token asked for each time: it may change
   * @param pod that this is; null outside of a cluster
   * @param queue null where there is none to be asked about
   * @param handover sees to its own proofs; null where there are no siblings
   */
  public record Answers(
      BooleanSupplier live,
      BooleanSupplier ready,
      Supplier<RelayState> state,
      Supplier<String> token,
      @Nullable String pod,
      PrometheusMeterRegistry metrics,
      @Nullable QueueApi queue,
      @Nullable HttpService handover) {}

  /**
   * Binds and serves.
   *
   * @param address all of this machine's when null
   * @param port 0: a free one
   * @throws BindException where the port can't be had; the message says which, and what to do
   */
  public static ManagementServer start(@Nullable InetAddress address, int port, Answers answers)
      throws BindException {
    return start(address, port, answers, new Patience(HANDOVER));
  }

  static ManagementServer start(
      @Nullable InetAddress address, int port, Answers answers, Patience patience)
      throws BindException {
    checkFree(address, port);
    var builder =
        WebServer.builder()
            .port(port)
            .shutdownHook(false)
            .connectionOptions(new PeerLimits())
            .idleConnectionTimeout(SILENCE)
            .idleConnectionPeriod(SILENCE.dividedBy(4))
            .addProtocol(Http1Config.builder().addReceiveListener(patience).build())
            .routing(routing -> routes(routing, answers, patience));
    if (address != null) {
      builder.address(address);
    }
    WebServer server = builder.build().start();
    if (!server.isRunning()) { // Helidon only logs why
      throw cannotListen(port, "the server did not start");
    }
    return new ManagementServer(server, patience);
  }

  /** Binds once before, since of a port that is taken Helidon may say nothing at all. */
  private static void checkFree(@Nullable InetAddress address, int port) throws BindException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(address, port));
    } catch (IOException e) {
      throw cannotListen(port, String.valueOf(e.getMessage()));
    }
  }

  private static BindException cannotListen(int port, String reason) {
    return new BindException(
        "cannot listen on port %d for management: %s: choose another with --management-port"
            .formatted(port, reason));
  }

  private static void routes(HttpRouting.Builder routing, Answers answers, Patience patience) {
    routing
        .addFilter(patience)
        .addFilter(new RequestBodies())
        .get("/livez", (request, response) -> yesOrNo(response, answers.live()))
        .get("/readyz", (request, response) -> yesOrNo(response, answers.ready()))
        .get(
            "/metrics",
            (request, response) ->
                response
                    .header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                    .send(answers.metrics().scrape()))
        .get("/v1/state", (request, response) -> proven(request, response, answers));
    if (answers.handover() != null) { // the token does not open it
      routing.register(HANDOVER, answers.handover());
    }
    routing
        .any("/v1/*", (request, response) -> admit(request, response, answers, patience))
        .get("/v1/state", (request, response) -> response.send(state(response, answers)));
    if (answers.queue() != null) {
      routing.register("/v1/queue", answers.queue());
    }
    routing.any( // Helidon's own reads the body first
        (_, response) -> response.status(Status.NOT_FOUND_404).send("nothing is here\n"));
  }

  private static void yesOrNo(ServerResponse response, BooleanSupplier question) {
    boolean yes = question.getAsBoolean();
    response
        .status(yes ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503)
        .send(yes ? "ok\n" : "not ready\n");
  }

  /** Goes on to the handlers that follow only for who has the token. */
  private static void admit(
      ServerRequest request, ServerResponse response, Answers answers, Patience patience) {
    String authorization = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
    if (BearerToken.accepted(authorization, answers.token().get())) {
      patience.lift();
      response.next();
      return;
    }
    response
        .status(Status.UNAUTHORIZED_401)
        .header(HeaderNames.WWW_AUTHENTICATE, "Bearer")
        .send("a token is needed: Authorization: Bearer TOKEN\n");
  }

  /** Answers who proves to know the token, in kind; all others must show it. */
  private static void proven(ServerRequest request, ServerResponse response, Answers answers)
      throws JsonProcessingException {
    String authorization = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
    String token = answers.token().get();
    Optional<String> nonce =
        answers.pod() == null
            ? Optional.empty()
            : TokenProof.accepted(authorization, token, answers.pod());
    if (nonce.isEmpty()) {
      response.next();
      return;
    }
    byte[] body = state(response, answers);
    response.header(PROOF, TokenProof.answer(token, nonce.get(), body)).send(body);
  }

  private static byte[] state(ServerResponse response, Answers answers)
      throws JsonProcessingException {
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    return JSON.writeValueAsBytes(json(answers.state().get()));
  }

  private static Map<String, @Nullable Object> json(RelayState state) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("pod", state.pod());
    json.put("hash", state.hash());
    json.put("generation", state.generation());
    json.put("ready", state.ready());
    json.put("queued", state.queued());
    json.put("oldest", state.oldest().map(Instant::toString).orElse(null));
    json.put("loops", state.loops());
    json.put("unresolved", state.unresolved());
    json.put("refused", state.refused());
    json.put("deferral", state.deferral().map(ManagementServer::json).orElse(null));
    json.put("quarantined", state.quarantined());
    json.put("drain", state.drain().name().toLowerCase(Locale.ROOT));
    return json;
  }

  private static Map<String, Object> json(Deferral deferral) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("messages", deferral.messages());
    json.put("nextHop", deferral.nextHop());
    json.put("reason", deferral.reason().name().toLowerCase(Locale.ROOT));
    json.put("status", deferral.status().toString());
    json.put("text", deferral.text());
    return json;
  }

  /** The port that is bound. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
    patience.close();
  }
}
