package dev.bridgehead.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.bridgehead.testbed.Onward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client is to submit, and how. Immutable: each {@code with…} gives another one.
 *
 * @param port of the relay, which is known as {@link Onward#HOST}
 * @param tls how it becomes secret
 * @param authority whom to trust, a PEM file
 * @param login whether and how to log in
 * @param from the sender's address
 * @param to addresses
 * @param chunks whether to send by BDAT; who can't does not
 * @param content with CR LF line ends, its octets as ISO 8859-1
 */
record Letter(
    int port,
    Tls tls,
    Path authority,
    @Nullable Login login,
    String from,
    List<String> to,
    boolean chunks,
    String content) {
  enum Tls {
    NONE,
    STARTTLS,
    IMPLICIT
  }

  /**
   * @param mechanism as in EHLO
   */
  record Login(String mechanism, String user, String password) {}

  /** Copies what it is given. */
  Letter {
    to = List.copyOf(to);
  }

  Letter with(Login other) {
    return new Letter(port, tls, authority, other, from, to, chunks, content);
  }

  Letter withAddresses(String sender, String... recipients) {
    return new Letter(port, tls, authority, login, sender, List.of(recipients), chunks, content);
  }

  Letter inChunks() {
    return new Letter(port, tls, authority, login, from, to, true, content);
  }

  /** A new file with its content, in a folder. */
  Path file(Path folder) throws IOException {
    return file(folder, content);
  }

  /** A new file with octets as ISO 8859-1. */
  static Path file(Path folder, String octets) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "letter-", ".eml"), octets, ISO_8859_1);
  }

  /** Whether it needs SMTPUTF8. */
  boolean international() {
    return (from + to).chars().anyMatch(it -> it > 127);
  }
}
