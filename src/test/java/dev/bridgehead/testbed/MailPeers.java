package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Real mail programs, unpacked into the cache by {@code src/testbed/mail-peers}. */
public final class MailPeers {
  private MailPeers() {}

  /** A program such as {@code usr/sbin/smtp-source}, with the libraries that it needs. */
  public static Command program(String path) {
    return environment(Command.of(folder().resolve(path).toString()));
  }

  /**
   * Postfix's load generator, which needs no root.
   *
   * @param server {@code host:port}
   */
  public static Command smtpSource(String server, String... options) {
    return program("usr/sbin/smtp-source").with(options).with(server);
  }

  /** A port that nobody has now, and no client gets by itself. */
  public static int freePort() {
    return Daemon.freePort();
  }

  static Path folder() {
    return Script.built("mail-peers");
  }

  static Command environment(Command command) {
    return command
        .withVariable("LD_LIBRARY_PATH", line("library-path"))
        .withVariable("SASL_PATH", line("sasl-path"));
  }

  static String line(String name) {
    try {
      return Files.readString(folder().resolve(name)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
