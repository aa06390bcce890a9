package dev.bridgehead.relay.sts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A web server on loopback that does what a test wants, over TLS: no real one could be made to. A
 * real one is in {@link PolicyHostTest}.
 */
final class ScriptedWeb implements AutoCloseable {
  /** What it does with one connection, before or behind the handshake. */
  @FunctionalInterface
  interface Script {
    void serve(Socket client) throws IOException, InterruptedException;
  }

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile Script script;

  private ScriptedWeb(Script script) throws IOException {
    this.script = script;
    Thread.startVirtualThread(this::accept);
  }

  /** In clear text. */
  static ScriptedWeb plain(Script script) throws IOException {
    return new ScriptedWeb(script);
  }

  /** Reads the request's header, then does as the script says. */
  static ScriptedWeb over(SSLContext tls, Script script) throws IOException {
    ScriptedWeb web = new ScriptedWeb(client -> {});
    web.script = web.secured(tls, script);
    return web;
  }

  /** Answers each request with these octets, and closes. */
  static ScriptedWeb answering(SSLContext tls, String answer) throws IOException {
    return over(tls, client -> write(client, answer));
  }

  /** Answers as a real server would. */
  static String policy(String policy) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(policy.length(), policy);
  }

  static void write(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Script secured(SSLContext tls, Script behind) {
    return client -> {
      try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(client, null, true)) {
        socket.setUseClientMode(false);
        requests.add(String.join("\n", header(socket)));
        behind.serve(socket);
      }
    };
  }

  static List<String> header(Socket client) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
    List<String> lines = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  List<String> requests() {
    return requests;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        connections.incrementAndGet();
        open.add(client);
        Thread.startVirtualThread(() -> serve(client));
      }
    } catch (IOException e) {
      if (!server.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      script.serve(client);
    } catch (IOException e) {
      return; // the client has gone, or wants none of this
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket client : open) {
      client.close();
    }
  }
}
