package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Postfix's {@code smtp-sink}: takes everything as fast as it comes. On loopback, without root. */
public final class SmtpSink implements AutoCloseable {
  private final Path folder = Script.folder("smtp-sink");
  private final int port;
  private final Daemon sink;

  private SmtpSink(int port, String... options) {
    this.port = port;
    var command =
        MailPeers.program("usr/sbin/smtp-sink")
            .with("-h", "sink.example.test", "-d", folder.resolve("message").toString())
            .with(user())
            .with(options)
            .with("127.0.0.1:" + port, "1000");
    sink = Daemon.start("smtp-sink", folder, command).await(this::connects);
  }

  /** As root it insists on a user to run as; as anybody else it can't become one, and ends. */
  private static String[] user() {
    String name = System.getProperty("user.name");
    return name.equals("root") ? new String[] {"-u", name} : new String[] {};
  }

  /**
   * Starts one on a free port.
   *
   * @param options as in its manual: {@code -q rcpt} and the like make it misbehave
   */
  public static SmtpSink start(String... options) {
    return new SmtpSink(Daemon.freePort(), options);
  }

  /** Where it listens, on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The messages so far, with smtp-sink's own {@code X-…} lines on top; octets as ISO 8859-1. */
  public List<String> messages() {
    try (var files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("message"))
          .sorted()
          .map(SmtpSink::text)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean connects() throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    }
  }

  @Override
  public void close() {
    sink.close();
    Folders.delete(folder);
  }
}
