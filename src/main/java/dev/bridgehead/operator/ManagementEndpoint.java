package dev.bridgehead.operator;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
   * @throws BindException in one line, where the port is taken
   */
  public static ManagementEndpoint start(
      int port, BooleanSupplier live, BooleanSupplier ready, PrometheusMeterRegistry metrics)
      throws BindException {
    checkFree(port);
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
    if (!server.isRunning()) { // Helidon only logs why
      throw taken(port, "the server did not start");
    }
    return new ManagementEndpoint(server);
  }

  /** Binds once before: of a port that is taken Helidon may say nothing at all. */
  private static void checkFree(int port) throws BindException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(port));
    } catch (IOException e) {
      throw taken(port, String.valueOf(e.getMessage()));
    }
  }

  private static BindException taken(int port, String reason) {
    return new BindException(
        "cannot listen on port "
            + port
            + " for management: "
            + reason
            + ": choose another with --management-port");
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
