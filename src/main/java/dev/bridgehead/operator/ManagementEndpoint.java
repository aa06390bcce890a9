package dev.bridgehead.operator;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.BooleanSupplier;

/**
 * {@code /livez}, {@code /readyz} and {@code /metrics} of the operator. Started before the
 * controllers, so that probes see a starting process, not a missing one.
 */
public final class ManagementEndpoint implements AutoCloseable {
  private final WebServer server;

  private ManagementEndpoint(WebServer server) {
    this.server = server;
  }

  /**
   * @param port 0: a free one
   * @throws IllegalStateException where the port is taken
   */
  public static ManagementEndpoint start(
      int port, BooleanSupplier live, BooleanSupplier ready, PrometheusMeterRegistry metrics) {
    WebServer server =
        WebServer.builder()
            .port(port)
            .shutdownHook(false)
            .routing(
                routing ->
                    routing
                        .get("/livez", (request, response) -> answer(response, live))
                        .get("/readyz", (request, response) -> answer(response, ready))
                        .get(
                            "/metrics",
                            (request, response) ->
                                response
                                    .header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4")
                                    .send(metrics.scrape())))
            .build()
            .start();
    return new ManagementEndpoint(server);
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  private static void answer(ServerResponse response, BooleanSupplier good) {
    boolean ok = good.getAsBoolean();
    response
        .status(ok ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503)
        .send(ok ? "ok\n" : "not ok\n");
  }

  @Override
  public void close() {
    server.stop();
  }
}
