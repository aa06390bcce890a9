package dev.bridgehead.relay.delivery;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A next hop on loopback that answers as it is told, command by command. What it isn't told about
 * it answers as a friendly server would.
 */
final class ScriptedHost implements AutoCloseable {
  /** Instead of a reply: closes the connection. */
  static final String CLOSE = "(close)";

  /** Instead of a reply: says nothing more until the test ends. */
  static final String STALL = "(stall)";

  /** Instead of a reply: 220, then nonsense as soon as something comes. */
  private static final String BROKEN_TLS = "(broken tls)";

  /** The stage before any command, and the one after the final dot. */
  static final String GREETING = "(greeting)";

  static final String END_OF_DATA = "(end of data)";

  private final ServerSocket server;
  private final Script script;
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private final List<byte[]> messages = new CopyOnWriteArrayList<>();
  private final AtomicInteger sessions = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);

  /** What to answer. */
  @FunctionalInterface
  interface Script {
    /**
     * @param stage a command, {@link #GREETING} or {@link #END_OF_DATA}
     * @param session counted from 1
     * @return lines joined by CRLF without the last, {@link #CLOSE}, {@link #STALL}, or nothing for
     *     the friendly reply
     */
    Optional<String> reply(String stage, int session);
  }

  private ScriptedHost(Script script, ServerSocket server) {
    this.script = script;
    this.server = server;
    Thread.ofVirtual().start(this::accept);
  }

  static ScriptedHost friendly() {
    return answering((stage, session) -> Optional.empty());
  }

  static ScriptedHost answering(Script script) {
    try {
      return new ScriptedHost(script, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers one stage, named by how it begins, in every session. */
  static ScriptedHost answering(String start, String reply) {
    return answering(
        (stage, session) -> stage.startsWith(start) ? Optional.of(reply) : Optional.empty());
  }

  /** Speaks TLS from the first octet, and answers one stage, named by how it begins. */
  static ScriptedHost overTls(SSLContext tls, String start, String reply) {
    try {
      ServerSocket server =
          tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
      return new ScriptedHost(
          (stage, session) -> stage.startsWith(start) ? Optional.of(reply) : Optional.empty(),
          server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Offers STARTTLS, says 220, and answers the first octets of the handshake with nonsense. */
  static ScriptedHost brokenTls() {
    return answering(
        (stage, session) ->
            switch (stage) {
              case "STARTTLS" -> Optional.of(BROKEN_TLS);
              case String command when command.startsWith("EHLO") ->
                  Optional.of("250-host.example.test\r\n250 STARTTLS");
              default -> Optional.empty();
            });
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  /** All commands of all sessions, in the order of arrival. */
  List<String> commands() {
    return commands;
  }

  List<String> commands(String start) {
    return commands.stream().filter(command -> command.startsWith(start)).toList();
  }

  /** What came between 354 and the final dot, line ends and doubled dots as they came. */
  List<String> messages() {
    return messages.stream().map(it -> new String(it, StandardCharsets.ISO_8859_1)).toList();
  }

  int sessions() {
    return sessions.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        int session = sessions.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket, session));
      } catch (SocketException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket socket, int session) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream()) {
      boolean on = answer(out, GREETING, session, "220 host.example.test ESMTP");
      @Nullable String command;
      while (on && (command = line(in)) != null) {
        commands.add(command);
        on = answer(out, command, session, friendly(command));
        if (lastReplied.get().equals(BROKEN_TLS)) {
          in.read();
          out.write("this is no TLS\r\n".getBytes(StandardCharsets.US_ASCII));
          return;
        }
        if (on && lastReplied.get().startsWith("354")) {
          messages.add(data(in));
          on = answer(out, END_OF_DATA, session, "250 2.0.0 queued as 1");
        }
      }
    } catch (IOException | InterruptedException e) {
      // The client, or the test, is gone.
      open.remove(socket);
    }
  }

  private final ThreadLocal<String> lastReplied = ThreadLocal.withInitial(() -> "");

  private boolean answer(OutputStream out, String stage, int session, String friendly)
      throws IOException, InterruptedException {
    String reply = script.reply(stage, session).orElse(friendly);
    lastReplied.set(reply);
    if (reply.equals(CLOSE)) {
      return false;
    }
    if (reply.equals(STALL)) {
      closing.await();
      return false;
    }
    String text = reply.equals(BROKEN_TLS) ? "220 go" : reply;
    out.write((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return !reply.startsWith("221") && !reply.startsWith("421");
  }

  private static String friendly(String command) {
    String verb = command.split("[ :]", 2)[0];
    return switch (verb) {
      case "EHLO" -> "250-host.example.test\r\n250-SIZE 1000000\r\n250 8BITMIME";
      case "HELO" -> "250 host.example.test";
      case "MAIL" -> "250 2.1.0 Ok";
      case "RCPT" -> "250 2.1.5 Ok";
      case "DATA" -> "354 go on";
      case "RSET" -> "250 2.0.0 Ok";
      case "QUIT" -> "221 2.0.0 Bye";
      default -> "502 5.5.2 what?";
    };
  }

  private static @Nullable String line(InputStream in) throws IOException {
    byte @Nullable [] line = until(in, "\r\n");
    return line == null ? null : new String(line, 0, line.length - 2, StandardCharsets.UTF_8);
  }

  private static byte[] data(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      byte @Nullable [] line = until(in, "\r\n");
      if (line == null) {
        throw new IOException("the connection ended before the final dot");
      }
      if (line.length == 3 && line[0] == '.') {
        return all.toByteArray();
      }
      all.write(line);
    }
  }

  private static byte @Nullable [] until(InputStream in, String end) throws IOException {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    int last = -1;
    int octet;
    while ((octet = in.read()) >= 0) {
      octets.write(octet);
      if (last == end.charAt(0) && octet == end.charAt(1)) {
        return octets.toByteArray();
      }
      last = octet;
    }
    return null;
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
