package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.validation.Cidr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Behind a load balancer: the client's address survives, and nobody else makes one up. */
class SmtpProxyProtocolTest {
  private static final byte[] SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(ISO_8859_1);

  /** Loopback is the load balancer; clients in 192.0.2.0/24 and 2001:db8::/32 may relay. */
  private static ServerUnderTest behindABalancer() throws IOException {
    return ServerUnderTest.start(config(List.of(Cidr.parse("127.0.0.1"))), LIMITS);
  }

  private static final SessionLimits LIMITS =
      new SessionLimits(
          50,
          2,
          20,
          100,
          1000,
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMillis(300),
          Duration.ofSeconds(10));

  private static RelayConfig config(List<Cidr> trustedPeers) {
    RelayConfig config = ServerUnderTest.config(false, null, "*");
    return new RelayConfig(
        config.identity(),
        config.listening(),
        new RelayConfig.Access(
            List.of(Cidr.parse("192.0.2.0/24"), Cidr.parse("2001:db8::/32")),
            trustedPeers,
            false,
            null),
        config.routes(),
        config.outgoing(),
        config.retry());
  }

  private static byte[] version2(int command, int protocol, byte[] rest) {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes(SIGNATURE);
    header.write(command);
    header.write(protocol);
    header.write(rest.length >> 8);
    header.write(rest.length);
    header.writeBytes(rest);
    return header.toByteArray();
  }

  /** Two addresses and two ports, then an extension that nobody knows. */
  private static byte[] addresses(String source, String destination) {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    rest.writeBytes(InetAddress.ofLiteral(source).getAddress());
    rest.writeBytes(InetAddress.ofLiteral(destination).getAddress());
    rest.writeBytes(new byte[] {(byte) 0xC0, 0, 0, 25});
    rest.writeBytes(new byte[] {(byte) 0xEA, 0, 2, 'v', 'x'});
    return rest.toByteArray();
  }

  private static String rcpt(RawClient client) throws IOException {
    assertThat(client.reply()).startsWith("220 ");
    client.ask("EHLO client.example");
    client.ask("MAIL FROM:<a@client.example>");
    return client.ask("RCPT TO:<b@example.org>");
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 192.0.2.7 198.51.100.1 49152 25, [192.0.2.7]",
    "PROXY TCP6 2001:db8::7 2001:db8::25 49152 25, [IPv6:2001:db8:0:0:0:0:0:7]",
    "PROXY TCP6 ::ffff:192.0.2.7 ::1 1 25, [192.0.2.7]",
  })
  void theClientOfAVersion1HeaderIsTheClient(String header, String shown) throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      client.send(header + "\r\n");
      assertThat(rcpt(client)).startsWith("250 2.1.5");
      client.message("Subject: x\r\n\r\nx");

      assertThat(server.spool.only().text()).startsWith("Received: from client.example (" + shown);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0x11, 192.0.2.7, 198.51.100.1, [192.0.2.7]",
    "0x21, 2001:db8::7, 2001:db8::25, [IPv6:2001:db8:0:0:0:0:0:7]",
  })
  void theClientOfAVersion2HeaderIsTheClient(
      String protocol, String source, String destination, String shown) throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      client.send(version2(0x21, Integer.decode(protocol), addresses(source, destination)));
      assertThat(rcpt(client)).startsWith("250 2.1.5");
      client.message("Subject: x\r\n\r\nx");

      assertThat(server.spool.only().text()).startsWith("Received: from client.example (" + shown);
    }
  }

  @Test
  void aClientBehindTheBalancerThatMayNotRelayIsRefused() throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      client.send("PROXY TCP4 203.0.113.9 198.51.100.1 49152 25\r\n");

      assertThat(rcpt(client)).startsWith("550 5.7.1 relaying denied: [203.0.113.9]");
    }
  }

  @Test
  void clientsAreCountedOneByOneBehindTheBalancer() throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient first = server.connect();
        RawClient second = server.connect();
        RawClient third = server.connect();
        RawClient other = server.connect()) {
      for (RawClient client : List.of(first, second)) {
        client.send("PROXY TCP4 192.0.2.7 198.51.100.1 1 25\r\n");
        assertThat(client.reply()).startsWith("220");
      }
      third.send("PROXY TCP4 192.0.2.7 198.51.100.1 1 25\r\n");
      other.send("PROXY TCP4 192.0.2.8 198.51.100.1 1 25\r\n");

      assertThat(third.reply()).startsWith("421 4.7.0 too many sessions from your address");
      assertThat(other.reply()).startsWith("220");
    }
  }

  @Test
  void anIpv6NetworkHasAsManySessionsAsSomeAddressesHoweverManyItUses() throws IOException {
    int most = LIMITS.sessionsPerNetwork();
    List<RawClient> all = new ArrayList<>();
    try (ServerUnderTest server = behindABalancer()) {
      for (int i = 0; i < most; i++) {
        all.add(from(server, "2001:db8:0:1::" + i));
        assertThat(all.getLast().reply()).startsWith("220");
      }
      try (RawClient next = from(server, "2001:db8:0:1:ffff::1");
          RawClient neighbour = from(server, "2001:db8:0:2::1")) {
        assertThat(next.reply()).startsWith("421 4.7.0 too many sessions from your network");
        assertThat(neighbour.reply()).startsWith("220");
      }
      all.removeLast().close();
      await()
          .untilAsserted(
              () -> {
                try (RawClient again = from(server, "2001:db8:0:1:ffff::1")) {
                  assertThat(again.reply()).startsWith("220");
                }
              });
    } finally {
      for (RawClient client : all) {
        client.close();
      }
    }
  }

  @Test
  void oneIpv6AddressKeepsNoneOfItsNetworkOut() throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient first = from(server, "2001:db8:0:1::1")) {
      assertThat(first.reply()).startsWith("220");
      try (RawClient second = from(server, "2001:db8:0:1::1")) {
        assertThat(second.reply()).startsWith("220");
        try (RawClient third = from(server, "2001:db8:0:1::1");
            RawClient other = from(server, "2001:db8:0:1::2")) {
          assertThat(third.reply()).startsWith("421 4.7.0 too many sessions from your address");
          assertThat(other.reply()).startsWith("220");
        }
      }
    }
  }

  private static RawClient from(ServerUnderTest server, String ipv6) throws IOException {
    RawClient client = server.connect();
    client.send("PROXY TCP6 " + ipv6 + " 2001:db8::25 1 25\r\n");
    return client;
  }

  @Test
  void aHeaderMayComeInPieces() throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      for (byte octet : version2(0x21, 0x11, addresses("192.0.2.7", "198.51.100.1"))) {
        client.send(new byte[] {octet});
      }
      assertThat(rcpt(client)).startsWith("250 2.1.5");
    }
  }

  @Test
  void whatFollowsInTheSamePacketIsNotLost() throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      client.send("PROXY TCP4 192.0.2.7 198.51.100.1 1 25\r\nNOOP\r\n");
      assertThat(client.reply()).startsWith("220");
      assertThat(client.reply()).startsWith("250");
    }
  }

  @Test
  void theBalancersOwnHealthChecksCountAsItself() throws IOException {
    try (ServerUnderTest server = behindABalancer()) {
      for (byte[] header :
          List.of(
              "PROXY UNKNOWN\r\n".getBytes(ISO_8859_1),
              "PROXY UNKNOWN ffff::1 ::2 1 2\r\n".getBytes(ISO_8859_1),
              version2(0x20, 0, new byte[0]),
              version2(0x20, 0x11, addresses("192.0.2.7", "198.51.100.1")),
              version2(0x21, 0, new byte[0]))) {
        try (RawClient client = server.connect()) {
          client.send(header);
          assertThat(rcpt(client)).startsWith("550 5.7.1 relaying denied: [127.0.0.1]");
        }
      }
      assertThat(server.refused(Refusal.PROXY_HEADER)).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EHLO client.example\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 49152\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 49152 25 more\r\n",
        "PROXY TCP4  192.0.2.7 198.51.100.1 49152 25\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 49152 25 \r\n",
        "PROXY TCP4 192.0.2.007 198.51.100.1 49152 25\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::25 49152 25\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 49152 25\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 65536 25\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 -1 25\r\n",
        "PROXY TCP4 localhost 198.51.100.1 1 25\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 1 25\r\n",
        "PROXY \r\nwhatever comes after\r\n",
        "proxy TCP4 192.0.2.7 198.51.100.1 49152 25\r\n",
        "\r\n\r\n\0\r\nQUIT\n\61\21\0\f192021251",
        "\r\n\r\n\0\r\nQUIT\n\42\21\0\f192021251",
        "\r\n\r\n\0\r\nQUIT\n\41\22\0\f000011112233",
        "\r\n\r\n\0\r\nQUIT\n\41\61\0\f000011112233",
        "\r\n\r\n\0\r\nQUIT\n\41\41\0\f000011112233",
        "\r\n\r\n\0\r\nQUIT\n\41\21\0\01300001111223",
        "\r\n\r\n\0\r\nQUIT\n\41\21\20\1",
      })
  void aBrokenHeaderEndsTheConnectionWithoutAWord(String header) throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      client.send(header.getBytes(ISO_8859_1));

      assertThat(client.reply()).isEmpty();
      assertThat(server.refused(Refusal.PROXY_HEADER)).isEqualTo(1);
    }
  }

  @Test
  void aHeaderTooLongEndsTheConnection() throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      client.send("PROXY TCP4 192.0.2.7 " + "1".repeat(200) + "\r\n");

      assertThat(client.reply()).isEmpty();
      assertThat(server.refused(Refusal.PROXY_HEADER)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "PROXY TCP4 192.0.2.7 198.51", "\r\n\r\n\0\r\nQUIT\n"})
  void aHeaderThatIsLateEndsTheConnection(String beginning) throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient client = server.connect()) {
      client.send(beginning.getBytes(ISO_8859_1));

      assertThat(client.reply()).isEmpty();
      assertThat(server.refused(Refusal.PROXY_HEADER)).isEqualTo(1);
    }
  }

  @Test
  void aProbeThatOnlyConnectsIsNoFault() throws IOException {
    try (ServerUnderTest server = behindABalancer();
        RawClient probe = server.connect()) {
      probe.endInput();

      assertThat(probe.reply()).isEmpty();
      assertThat(server.refused(Refusal.PROXY_HEADER)).isZero();
    }
  }

  @Test
  void aStrangersHeaderIsRefused() throws IOException {
    try (ServerUnderTest server =
            ServerUnderTest.start(config(List.of(Cidr.parse("198.51.100.1"))));
        RawClient client = server.connect()) {
      client.send("PROXY TCP4 192.0.2.7 198.51.100.1 49152 25\r\n");
      client.reply();

      assertThat(client.reply()).isEqualTo("421 4.7.0 PROXY headers are for trusted peers only");
      assertThat(client.rest()).isEmpty();
    }
  }

  @Test
  void aStrangersBinaryHeaderMakesNobodyElseOfIt() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(config(List.of()));
        RawClient client = server.connect()) {
      client.send(version2(0x21, 0x11, addresses("192.0.2.7", "198.51.100.1")));
      client.send(
          "\r\nEHLO a.example\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@a.example>\r\n");

      client.endInput();
      assertThat(client.rest())
          .contains("550 5.7.1 relaying denied: [127.0.0.1]")
          .doesNotContain("250 2.1.5", "221 2.0.0");
    }
  }

  @Test
  void aChangeOfTheTrustedPeersCountsFromTheNextConnectionOn() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(config(List.of()))) {
      server.config.set(config(List.of(Cidr.parse("127.0.0.0/8"))));
      try (RawClient client = server.connect()) {
        client.send("PROXY TCP4 192.0.2.7 198.51.100.1 49152 25\r\n");
        assertThat(rcpt(client)).startsWith("250 2.1.5");
      }
    }
  }

  @Test
  void aDamagedHeaderNeverMakesAClientThatMayRelay() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String commands =
        "EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\n"
            + "QUIT\r\n".repeat(60); // more than a wrong length can swallow
    try (ServerUnderTest server = behindABalancer()) {
      for (int i = 0; i < 50; i++) {
        byte[] header = version2(0x21, 0x11, addresses("203.0.113.9", "198.51.100.1"));
        int where = random.nextInt(SIGNATURE.length + 4);
        header[where] ^= (byte) (1 + random.nextInt(255));
        try (RawClient client = server.connect()) {
          client.send(new String(header, ISO_8859_1).concat(commands).getBytes(ISO_8859_1));
          assertThat(client.rest())
              .as("seed %d, case %d, octet %d", seed, i, where)
              .doesNotContain("250 2.1.5");
        }
      }
      try (RawClient client = server.connect()) {
        client.send("PROXY TCP4 192.0.2.7 198.51.100.1 49152 25\r\n");
        assertThat(rcpt(client)).as("seed %d", seed).startsWith("250 2.1.5");
      }
    }
  }
}
