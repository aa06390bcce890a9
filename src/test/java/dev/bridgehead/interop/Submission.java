package dev.bridgehead.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.bridgehead.relay.smtp.RawClient;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/** A message as a simple client hands it to a server on loopback, in clear text. */
final class Submission {
  private Submission() {}

  /** The first word of each line of the reply to EHLO but the first. */
  static Set<String> extensions(int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.reply();
      Set<String> words = new TreeSet<>();
      client
          .ask("EHLO client.test")
          .lines()
          .skip(1)
          .forEach(line -> words.add(line.substring(4).split("[ =]", 2)[0]));
      return words;
    }
  }

  /**
   * Sends by DATA, and expects that it is accepted.
   *
   * @param from address in brackets, then parameters
   * @param to the same
   * @param content with CR LF line ends, its octets as ISO 8859-1
   */
  static void byData(int port, String from, String to, String content) throws IOException {
    try (RawClient client = transaction(port, from, to)) {
      expect("354", client.ask("DATA"));
      String stuffed = ("\r\n" + content).replace("\r\n.", "\r\n..").substring(2);
      expect("250", client.send(stuffed.getBytes(ISO_8859_1)).send(".\r\n").reply());
      client.ask("QUIT");
    }
  }

  /** Sends by BDAT in two chunks. */
  static void byChunks(int port, String from, String to, String content) throws IOException {
    int cut = content.length() / 2;
    try (RawClient client = transaction(port, from, to)) {
      client.send("BDAT " + cut + "\r\n");
      expect("250", client.send(content.substring(0, cut).getBytes(ISO_8859_1)).reply());
      client.send("BDAT " + (content.length() - cut) + " LAST\r\n");
      expect("250", client.send(content.substring(cut).getBytes(ISO_8859_1)).reply());
      client.ask("QUIT");
    }
  }

  /** The reply to MAIL. */
  static String mail(int port, String from) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.reply();
      client.ask("EHLO client.test");
      return client.ask("MAIL FROM:" + from);
    }
  }

  private static RawClient transaction(int port, String from, String to) throws IOException {
    RawClient client = new RawClient(port);
    expect("220", client.reply());
    expect("250", client.ask("EHLO client.test"));
    expect("250", client.ask("MAIL FROM:" + from));
    expect("250", client.ask("RCPT TO:" + to));
    return client;
  }

  private static void expect(String code, String reply) {
    if (!reply.startsWith(code)) {
      throw new AssertionError("expected " + code + ", got " + reply);
    }
  }
}
