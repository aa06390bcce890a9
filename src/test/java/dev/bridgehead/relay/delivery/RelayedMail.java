package dev.bridgehead.relay.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.smtp.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The whole relay between a client that tries to smuggle and a next hop on loopback: what came in
 * by DATA or BDAT goes out by DATA.
 */
final class RelayedMail implements AutoCloseable {
  /** As what a smuggled message would show itself at the next hop. */
  static final String EVIL = "evil@x.example";

  private static final String SMUGGLED =
      "MAIL FROM:<" + EVIL + ">\r\nRCPT TO:<victim@x.example>\r\nDATA\r\nevil\r\n.\r\n";
  private static final List<String> ENDS = List.of("\r\n", "\r", "\n", "\r\r\n", "\n\r", "");

  private final Relay relay;

  private RelayedMail(Relay relay) {
    this.relay = relay;
  }

  static RelayedMail to(int port, BareLineEndings policy, Path folder) throws IOException {
    RelayConfig config =
        RelayConfigs.onLaptop(
            """
            apiVersion: bridgehead.dev/v1
            kind: SmtpConnector
            metadata: {name: test, namespace: mail}
            spec:
              routing: {mode: SmartHost, smartHosts: [{host: hop.example.net}]}
              bridgeheads: [{name: edge, hostname: mail.example.com}]
            """);
    CurrentConfig current =
        new CurrentConfig(
            new RelayConfig(
                config.identity(),
                new RelayConfig.Listening(0, true, 1 << 20, policy, true, null, null),
                config.access(),
                config.routes(),
                config.outgoing(),
                config.retry()));
    return new RelayedMail(
        Relay.start(
            new RelaySetup(
                current,
                folder,
                ConnectTo.parse(List.of("hop.example.net:25:127.0.0.1:" + port)),
                null,
                true,
                new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret"))));
  }

  /** Bodies with every pair of line ends around a dot, and what would be smuggled behind it. */
  static List<String> bodies() {
    return Stream.concat(
            Stream.of(".\r\n", "..\r\n.\r\n", ".", "a", "a\r\n.\r\n.\r\n" + SMUGGLED),
            ENDS.stream()
                .flatMap(
                    before -> ENDS.stream().map(after -> "a" + before + "." + after + SMUGGLED)))
        .toList();
  }

  /** What is to leave the relay for a body, as a list of lines would be written. */
  static String normal(String body) {
    String whole = body.replace("\r\n", "\n").replace("\r", " ").replace("\n", "\r\n");
    return whole.isEmpty() || whole.endsWith("\r\n") ? whole : whole + "\r\n";
  }

  static boolean isClean(String body) {
    return body.equals(normal(body)) || (body + "\r\n").equals(normal(body));
  }

  /** Sends by BDAT, in two chunks cut at each place round the dot in turn; true where accepted. */
  boolean byChunks(String mark, String body) throws IOException {
    String content = mark + "\r\n\r\n" + body;
    int cut = mark.length() + 4 + Math.abs(mark.hashCode()) % Math.min(body.length() + 1, 6);
    try (RawClient client = transaction()) {
      client.send("BDAT " + cut + "\r\n").send(content.substring(0, cut).getBytes(ISO_8859_1));
      client.reply();
      String rest = content.substring(cut);
      client.send("BDAT " + rest.length() + " LAST\r\n").send(rest.getBytes(ISO_8859_1));
      return accepted(client.reply());
    }
  }

  /** Sends by DATA, dots doubled behind CR LF only; true where accepted. */
  boolean byData(String mark, String body) throws IOException {
    String content = mark + "\r\n\r\n" + body;
    try (RawClient client = transaction()) {
      client.ask("DATA");
      String stuffed = content.replace("\r\n.", "\r\n..");
      String end = stuffed.endsWith("\r\n") ? ".\r\n" : "\r\n.\r\n";
      return accepted(client.send(stuffed.getBytes(ISO_8859_1)).send(end).reply());
    }
  }

  private RawClient transaction() throws IOException {
    RawClient client = new RawClient(relay.smtpPort());
    client.reply();
    client.ask("EHLO client.example");
    client.ask("MAIL FROM:<good@client.example>");
    client.ask("RCPT TO:<b@example.org>");
    return client;
  }

  private static boolean accepted(String reply) {
    if (!reply.startsWith("250 2.0.0 queued") && !reply.startsWith("550 5.6.0")) {
      throw new AssertionError(reply);
    }
    return reply.startsWith("250");
  }

  @Override
  public void close() throws IOException {
    relay.close();
  }
}
