package dev.bridgehead.testbed;

import dev.bridgehead.testbed.HttpMessages.Head;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import nl.altindag.ssl.SSLFactory;
import nl.altindag.ssl.pem.util.PemUtils;

/**
 * A real API server as a client meets it on a bad day: a reverse proxy on loopback, HTTP/1.1 over
 * TLS, that answers in the server's place, cuts connections before or after a request has got
 * through, delays, and ends watches. Everything else passes unchanged, WebSockets too. A thread for
 * each connection, and one for each direction of a watch.
 */
public final class FaultyApiServer implements AutoCloseable {
  /** What becomes of one request. */
  public sealed interface Fault {
    /** It gets through, and so does the answer. */
    record None() implements Fault {}

    /** It does not get through; this is the answer. */
    record Answer(int code, Duration retryAfter) implements Fault {}

    /** The connection ends before it gets through. */
    record CutBefore() implements Fault {}

    /** It gets through; its answer does not. */
    record CutAfter() implements Fault {}

    /** It gets through later. */
    record Late(Duration by) implements Fault {}

    /** A watch that begins, and says at once that its resourceVersion is too old. */
    record TooOld() implements Fault {}

    /** A watch that ends after a while, as if a load balancer had forgotten it. */
    record Dropped(Duration after) implements Fault {}
  }

  /** A request as it came in, and what was done to it. */
  public record Seen(Instant time, String method, String path, boolean watch, Fault fault) {
    boolean isLease() {
      return path.contains("/leases");
    }
  }

  /** Longer than any answer but a watch takes. */
  private static final int SILENCE_MILLIS = 120_000;

  private final ServerSocket listener;
  private final SSLContext inner;
  private final int innerPort;
  private final Path kubeconfig;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> watches = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
  private volatile Function<Seen, Fault> script = request -> new Fault.None();

  private FaultyApiServer(ApiServer server, Path folder) {
    TestCa authority = TestCa.in(folder, "proxy-ca");
    TestCa.Identity identity = authority.issue("127.0.0.1");
    Path trusted = Path.of(server.config().getCaCertFile());
    inner =
        SSLFactory.builder()
            .withTrustMaterial(PemUtils.loadTrustMaterial(trusted))
            .build()
            .getSslContext();
    innerPort = Integer.parseInt(server.url().substring(server.url().lastIndexOf(':') + 1));
    try {
      listener =
          SSLFactory.builder()
              .withIdentityMaterial(
                  PemUtils.loadIdentityMaterial(identity.certificate(), identity.key()))
              .build()
              .getSslContext()
              .getServerSocketFactory()
              .createServerSocket(0, 200, InetAddress.getLoopbackAddress());
      kubeconfig =
          Files.writeString(
              folder.resolve("kubeconfig-through-proxy"),
              Files.readString(server.kubeconfig())
                  .replace(server.url(), "https://127.0.0.1:" + listener.getLocalPort())
                  .replace(trusted.toString(), authority.certificate().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("faulty-api-server").start(this::accept);
  }

  /**
   * Starts one, without faults at first.
   *
   * @param folder for its certificate
   */
  public static FaultyApiServer before(ApiServer server, Path folder) {
    return new FaultyApiServer(server, folder);
  }

  /** The administrator's kubeconfig, by way of this proxy. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  /** From now on requests go this way; the fault of what it is given is not yet known. */
  public void follow(Function<Seen, Fault> next) {
    script = next;
  }

  /** All requests so far. */
  public List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** How many watches are open now, by the path that they are of. */
  public Map<String, Integer> watches() {
    Map<String, Integer> open = new TreeMap<>(watches);
    open.values().removeIf(count -> count == 0);
    return open;
  }

  /** Ends every connection now, watches among them. */
  public void cutAll() {
    sockets.forEach(HttpMessages::close);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    Socket server = null;
    try (client) {
      client.setSoTimeout(SILENCE_MILLIS);
      InputStream in = new BufferedInputStream(client.getInputStream());
      server = inner.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), innerPort);
      sockets.add(server);
      InputStream answers = new BufferedInputStream(server.getInputStream());
      for (Head head = Head.read(in); head != null; head = Head.read(in)) {
        if (!exchange(new Exchange(head, HttpMessages.body(head, in)), client, server, answers)) {
          return;
        }
      }
    } catch (IOException e) {
      // The client has gone, or a fault cut one of the connections: that is what it is for.
    } finally {
      sockets.remove(client);
      HttpMessages.close(server);
      sockets.remove(server);
    }
  }

  private record Exchange(Head head, byte[] body) {}

  /** Whether the connection stays. */
  private boolean exchange(Exchange request, Socket client, Socket server, InputStream answers)
      throws IOException {
    OutputStream out = client.getOutputStream();
    Fault fault = decide(request.head);
    switch (fault) {
      case Fault.Answer(int code, Duration retryAfter) -> {
        out.write(HttpMessages.refusal(code, retryAfter));
        return true;
      }
      case Fault.TooOld() -> {
        HttpMessages.tooOld(request.head, out);
        return false;
      }
      case Fault.CutBefore() -> {
        return false;
      }
      case Fault.CutAfter() -> {
        forward(request, server);
        Head.read(answers); // it has been done
        return false;
      }
      case Fault.Late(Duration by) -> pause(by);
      case Fault.Dropped(Duration after) ->
          timer.schedule(() -> HttpMessages.close(client), after.toMillis(), TimeUnit.MILLISECONDS);
      case Fault.None() -> {}
    }
    forward(request, server);
    return pass(request.head, client, server, answers);
  }

  private static void forward(Exchange request, Socket server) throws IOException {
    server.getOutputStream().write(request.head.octets());
    server.getOutputStream().write(request.body);
    server.getOutputStream().flush();
  }

  /** Hands the answer on; a watch until one side ends it. */
  private boolean pass(Head request, Socket client, Socket server, InputStream answers)
      throws IOException {
    Head answer = Head.read(answers);
    if (answer == null) {
      return false;
    }
    OutputStream out = client.getOutputStream();
    out.write(answer.octets());
    if (!isWatch(request) || answer.code() >= 300) {
      return HttpMessages.pass(request, answer, answers, out);
    }
    client.setSoTimeout(0);
    String watched = request.target().replaceFirst("[?].*", "");
    watches.merge(watched, 1, Integer::sum);
    Thread.ofVirtual().start(() -> passUp(client, server));
    try {
      HttpMessages.stream(answers, out);
    } finally {
      watches.merge(watched, -1, Integer::sum);
    }
    return false;
  }

  /** What the client says while it watches, until it ends the connection. */
  private static void passUp(Socket client, Socket server) {
    try {
      client.getInputStream().transferTo(server.getOutputStream());
    } catch (IOException e) {
      // ended by either side
    } finally {
      HttpMessages.close(server);
    }
  }

  private static boolean isWatch(Head request) {
    return request.target().contains("watch=true");
  }

  private Fault decide(Head head) {
    boolean watch = isWatch(head);
    Seen asked = new Seen(Instant.now(), head.method(), head.target(), watch, new Fault.None());
    Fault fault = script.apply(asked);
    seen.add(new Seen(asked.time, asked.method, asked.path, watch, fault));
    return fault;
  }

  private static void pause(Duration time) throws IOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** How often each kind of fault came, by its simple name. */
  public Map<String, Long> faults() {
    Map<String, Long> counts = new ConcurrentHashMap<>();
    for (Seen request : seen) {
      String name =
          request.fault instanceof Fault.Answer(int code, Duration _)
              ? String.valueOf(code)
              : request.fault.getClass().getSimpleName();
      counts.merge(name, 1L, Long::sum);
    }
    return counts;
  }

  @Override
  public void close() {
    HttpMessages.close(listener);
    cutAll();
    timer.shutdownNow();
    // PemUtils makes Bouncy Castle the first to make keys, which JSSE's servers then refuse.
    Security.removeProvider("BC");
  }
}
