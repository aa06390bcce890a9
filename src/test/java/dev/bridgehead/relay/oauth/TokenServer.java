package dev.bridgehead.relay.oauth;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.testbed.ServerContexts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A token endpoint on loopback that answers what a test wants: an identity provider that could be
 * made to fail so does not exist here.
 */
public final class TokenServer implements AutoCloseable {
  private static final SelfSigned SELF = SelfSigned.of("localhost");

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile Answer answer;

  /** What it answers. */
  public interface Answer {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  /**
   * A request that came.
   *
   * @param authorization empty: none
   */
  public record Asked(String authorization, String form) {}

  public TokenServer(Answer answer) throws IOException {
    this.answer = answer;
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(ServerContexts.of(SELF)));
    server.createContext("/token", this::serve);
    server.setExecutor(threads);
    server.start();
  }

  /** Gives tokens "token-1", "token-2" and so on. */
  public static TokenServer giving(int seconds) throws IOException {
    TokenServer server = new TokenServer(exchange -> {});
    server.answer(
        exchange -> json(exchange, 200, token("token-" + server.asked().size(), seconds)));
    return server;
  }

  static String token(String text, int seconds) {
    return "{\"token_type\":\"Bearer\",\"access_token\":\"%s\",\"expires_in\":%d}"
        .formatted(text, seconds);
  }

  public static Answer answering(int status, String json) {
    return exchange -> json(exchange, status, json);
  }

  private static void json(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      asked.add(new Asked(authorization == null ? "" : authorization, form));
      answer.to(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public void answer(Answer next) {
    answer = next;
  }

  public List<Asked> asked() {
    return asked;
  }

  public URI address() {
    return URI.create("https://localhost:" + server.getAddress().getPort() + "/token");
  }

  public static X509Certificate root() {
    return SELF.certificate();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
