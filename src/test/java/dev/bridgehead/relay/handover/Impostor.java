package dev.bridgehead.relay.handover;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Has a sibling's address and knows everything but the token: it answers what it likes, and can ask
 * any other relay for words to say.
 */
final class Impostor implements AutoCloseable {
  /** All that it got, in its order. */
  final List<Heard> heard = new CopyOnWriteArrayList<>();

  /** All that others answered it. */
  final List<Answer> answers = new CopyOnWriteArrayList<>();

  /** What it does with a request. */
  volatile Behaviour behaviour;

  /** Octets that it could get rid of as {@link #ENDLESS}. */
  final AtomicLong poured = new AtomicLong();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http = HttpClient.newHttpClient();

  interface Behaviour {
    Answer to(Heard request) throws Exception;
  }

  /** A request, with all that it shows. */
  record Heard(String method, String path, String authorization, String fields, byte[] body) {
    boolean isHello() {
      return method.equals("GET");
    }

    boolean isOffer() {
      return method.equals("PUT");
    }

    boolean isBegin() {
      return method.equals("POST") && !path.endsWith("/confirmed");
    }

    /** The queue id that it names. */
    String id() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    Heard withPath(String other) {
      return new Heard(method, other, authorization, fields, body);
    }

    Heard withBody(byte[] other) {
      return new Heard(method, path, authorization, fields, other);
    }

    /** Everything as text, octet by octet. */
    String all() {
      return method + " " + path + "\n" + fields + "\n" + new String(body, ISO_8859_1);
    }
  }

  /**
   * @param proof none is sent where it is empty
   */
  record Answer(int status, String body, String proof) {}

  /** One without a proof whose body has no end. */
  static final Answer ENDLESS = new Answer(200, "", "");

  Impostor(Behaviour behaviour) throws IOException {
    this.behaviour = behaviour;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      Heard request =
          new Heard(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getRawPath(),
              authorization == null ? "" : authorization,
              exchange.getRequestHeaders().entrySet().toString(),
              exchange.getRequestBody().readAllBytes());
      heard.add(request);
      Answer answer = behaviour.to(request);
      if (!answer.proof.isEmpty()) {
        exchange.getResponseHeaders().set(SiblingServer.PROOF, answer.proof);
      }
      if (answer == ENDLESS) {
        exchange.sendResponseHeaders(200, 0);
        pour(exchange.getResponseBody());
      }
      byte[] body = answer.body.getBytes(ISO_8859_1);
      exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private void pour(OutputStream to) throws IOException {
    byte[] some = new byte[64 << 10];
    while (poured.get() < 1L << 30) {
      to.write(some);
      poured.addAndGet(some.length);
    }
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Says the same to somebody else. */
  Answer pass(Heard request, URI to) throws Exception {
    HttpRequest.Builder same =
        HttpRequest.newBuilder(to.resolve(request.path))
            .method(request.method, HttpRequest.BodyPublishers.ofByteArray(request.body));
    if (!request.authorization.isEmpty()) {
      same.header("Authorization", request.authorization);
    }
    HttpResponse<String> response =
        http.send(same.build(), HttpResponse.BodyHandlers.ofString(ISO_8859_1));
    Answer answer =
        new Answer(
            response.statusCode(),
            response.body(),
            response.headers().firstValue(SiblingServer.PROOF).orElse(""));
    answers.add(answer);
    return answer;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    http.close();
  }
}
