import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes an AOT cache: starts a real relay with {@code -XX:AOTCacheOutput}, sends mail through it to a next hop here, and stops it; the
 * JVM writes the cache as it ends. Some thousand messages, because the cache keeps what the JVM learnt of the methods that ran often
 * (JEP 515): the compiler need not learn it again at each start. Run by the launcher and by the image's build, each with the very
 * runtime and the very jars that will use it. Only loopback; nothing stays but the cache.
 *
 * <p>Usage: {@code java Rehearsal.java CACHE run|relay JAVA OPTION…}, the words up to and with the main class.
 */
final class Rehearsal {
  private static final int SECONDS = 60;
  private static final int CLIENTS = 8;
  private static final int MESSAGES = 1000;

  private final Path cache;
  private final boolean pod;
  private final List<String> java;
  private final CountDownLatch received = new CountDownLatch(CLIENTS * MESSAGES);

  private Rehearsal(Path cache, boolean pod, List<String> java) {
    this.cache = cache;
    this.pod = pod;
    this.java = java;
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 3 || !List.of("run", "relay").contains(args[1])) {
      System.err.println("usage: Rehearsal CACHE run|relay JAVA OPTION...");
      System.exit(2);
    }
    Path folder = Files.createTempDirectory("bridgehead-rehearsal-");
    try {
      new Rehearsal(Path.of(args[0]).toAbsolutePath(), args[1].equals("relay"), List.of(args).subList(2, args.length)).make(folder);
    } finally {
      delete(folder);
    }
  }

  private void make(Path folder) throws IOException, InterruptedException {
    try (ServerSocket hop = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(() -> serve(hop));
      int port = freePort();
      Path out = folder.resolve("out");
      ProcessBuilder builder =
          new ProcessBuilder(words(folder, port, hop.getLocalPort())).redirectErrorStream(true).redirectOutput(out.toFile());
      builder.environment().put("BRIDGEHEAD_LOG", pod ? "json" : "text");
      Process relay = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(relay::destroyForcibly));
      boolean passed = send(relay, port) && received.await(SECONDS, TimeUnit.SECONDS);
      relay.destroy();
      boolean ended = relay.waitFor(SECONDS, TimeUnit.SECONDS);
      if (!passed || !ended || !Files.exists(cache)) {
        throw new IOException("no cache was made:\n" + Files.readString(out));
      }
    }
  }

  private List<String> words(Path folder, int port, int hop) throws IOException {
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(
        config.resolve("connector.yaml"),
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: rehearsal}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: hop.example.net}]}
          bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: {port: %d}}]
          access: {allowedClients: [127.0.0.0/8]}
        """
            .formatted(port));
    Files.writeString(config.resolve("hash"), "rehearsal");
    Files.writeString(config.resolve("management-token"), "rehearsal");
    List<String> words = new ArrayList<>(List.of(java.getFirst(), "-XX:AOTCacheOutput=" + cache));
    words.addAll(java.subList(1, java.size()));
    words.addAll(
        pod
            ? List.of("relay", "--config", config.toString(), "--management-port", "" + freePort())
            : List.of("run", "-f", config.resolve("connector.yaml").toString()));
    words.addAll(List.of("--data", folder.resolve("data").toString(), "--connect-to", "hop.example.net:25:127.0.0.1:" + hop));
    return words;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** As soon as it listens, over so many sessions at a time; false where it never does. */
  private boolean send(Process relay, int port) throws IOException, InterruptedException {
    for (int tries = 0; !listens(port); tries++) {
      if (!relay.isAlive() || tries == 20 * SECONDS) {
        return false;
      }
      Thread.sleep(50);
    }
    List<Thread> clients = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      clients.add(Thread.startVirtualThread(() -> converse(port)));
    }
    for (Thread client : clients) {
      client.join();
    }
    return true;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Half of the messages with a connection each, the others one after the other in the last one. */
  private static void converse(int port) {
    try {
      for (int session = 0; session <= MESSAGES / 2; session++) {
        int messages = session < MESSAGES / 2 ? 1 : MESSAGES - session;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          socket.setSoTimeout(SECONDS * 1000);
          var replies = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
          reply(replies);
          command(socket, replies, "EHLO rehearsal.example.org");
          for (int message = 0; message < messages; message++) {
            command(socket, replies, "MAIL FROM:<a@example.org>");
            command(socket, replies, "RCPT TO:<b@example.com>");
            command(socket, replies, "DATA");
            command(socket, replies, "Subject: rehearsal\r\n\r\n" + "a line of the text, one like the others\r\n".repeat(100) + ".");
          }
          command(socket, replies, "QUIT");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the next hop waits in vain
    }
  }

  private static void command(Socket socket, BufferedReader replies, String line) throws IOException {
    answer(socket, line);
    reply(replies);
  }

  private static void reply(BufferedReader replies) throws IOException {
    for (String line = replies.readLine(); line != null && line.startsWith("-", 3); line = replies.readLine()) {}
  }

  private void serve(ServerSocket hop) {
    while (!hop.isClosed()) {
      try {
        Socket socket = hop.accept();
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket accepted) {
    try (Socket socket = accepted) {
      var commands = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      answer(socket, "220 hop.example.net ESMTP");
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        if (line.startsWith("EHLO")) {
          answer(socket, "250-hop.example.net\r\n250-PIPELINING\r\n250 8BITMIME");
        } else if (line.equals("DATA")) {
          answer(socket, "354 Go on");
          while (!".".equals(line)) {
            line = commands.readLine();
          }
          answer(socket, "250 2.0.0 Ok");
          received.countDown();
        } else {
          answer(socket, line.equals("QUIT") ? "221 2.0.0 Bye" : "250 2.0.0 Ok");
        }
      }
    } catch (IOException e) {
      // the message that is missing says it
    }
  }

  private static void answer(Socket socket, String text) throws IOException {
    socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
