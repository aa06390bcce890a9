package dev.bridgehead.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.dns.Answer.Found;
import dev.bridgehead.dns.Answer.NameError;
import dev.bridgehead.dns.Answer.NoData;
import dev.bridgehead.dns.Answer.TemporaryFailure;
import dev.bridgehead.testbed.DnsServer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against a real name server. */
@Tag("tier3")
class DnsResolverIT {
  private static final Set<IpVersion> BOTH = EnumSet.allOf(IpVersion.class);

  private static DnsServer server;
  private static DnsServer failing;

  @BeforeAll
  static void start() {
    server =
        DnsServer.start(
                Map.of(
                    "example.test",
                    """
                    @ IN MX 20 mx2
                    @ IN MX 10 MX1
                    @ IN A 192.0.2.80
                    mx1 IN A 192.0.2.1
                    mx1 IN AAAA 2001:db8::1
                    mx2 IN A 192.0.2.2
                    alias IN CNAME example.test.
                    chain IN CNAME alias
                    loop1 IN CNAME loop2
                    loop2 IN CNAME loop1
                    mapped IN AAAA ::ffff:127.0.0.1
                    """
                        + IntStream.range(0, 200)
                            .mapToObj("many IN MX %1$d a-long-name-of-host-%1$d\n"::formatted)
                            .reduce("", String::concat),
                    "null.test",
                    "@ IN MX 0 ."))
            .failing("broken.test");
    failing = DnsServer.start(Map.of()).failing("example.test");
  }

  @AfterAll
  static void stop() {
    server.close();
    failing.close();
  }

  @Test
  void findsExchangersInLowerCaseWithTheirPreference() {
    Found<MailExchanger> found = (Found<MailExchanger>) mx(resolver(server), "example.test");

    assertThat(found.values())
        .containsExactlyInAnyOrder(
            new MailExchanger(10, "mx1.example.test"), new MailExchanger(20, "mx2.example.test"));
  }

  @Test
  void findsTheSameWithATrailingDotAndInUpperCase() {
    assertThat(mx(resolver(server), "EXAMPLE.test.")).isInstanceOf(Found.class);
  }

  @Test
  void findsANullMx() {
    Found<MailExchanger> found = (Found<MailExchanger>) mx(resolver(server), "null.test");

    assertThat(found.values()).singleElement().matches(MailExchanger::nullMx);
  }

  @Test
  void findsAddressesInTheOrderOfTheVersions() {
    Found<InetAddress> found =
        (Found<InetAddress>) addresses(resolver(server), "mx1.example.test", BOTH);

    assertThat(found.values())
        .containsExactly(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("2001:db8::1"));
  }

  @Test
  void findsAMappedAddressAsTheOneThatItIs() {
    assertThat(addresses(resolver(server), "mapped.example.test", BOTH))
        .isEqualTo(new Found<>(List.of(InetAddress.ofLiteral("127.0.0.1"))));
  }

  @Test
  void followsAliases() {
    assertThat(mx(resolver(server), "chain.example.test")).isInstanceOf(Found.class);
    assertThat(addresses(resolver(server), "chain.example.test", BOTH))
        .isEqualTo(new Found<>(List.of(InetAddress.ofLiteral("192.0.2.80"))));
  }

  @Test
  void givesUpAliasesThatRunInACircle() {
    assertThat(mx(resolver(server), "loop1.example.test")).isInstanceOf(TemporaryFailure.class);
  }

  @Test
  void tellsTheSameFromTheServerAndFromItsCache() {
    DnsResolver resolver = resolver(server);
    for (int i = 0; i < 2; i++) {
      assertThat(mx(resolver, "mx1.example.test")).isEqualTo(new NoData<>());
      assertThat(mx(resolver, "gone.example.test")).isEqualTo(new NameError<>());
      assertThat(addresses(resolver, "mx2.example.test", EnumSet.of(IpVersion.IPV6)))
          .isEqualTo(new NoData<>());
    }
  }

  @Test
  void knowsNoHostsFileAndNoSearchPath() {
    assertThat(addresses(resolver(server), "localhost", BOTH)).isEqualTo(new NameError<>());
    assertThat(addresses(resolver(server), "mx1", BOTH)).isEqualTo(new NameError<>());
  }

  @Test
  void takesWhatIsNoNameForANameThatDoesNotExist() {
    for (String name : List.of("", ".", "a..test", "x".repeat(64) + ".test", "a.".repeat(200))) {
      assertThat(mx(resolver(server), name)).as(name).isEqualTo(new NameError<>());
    }
  }

  @Test
  void getsALongAnswerByTcpAndKeepsABoundedPartOfIt() {
    Found<MailExchanger> found = (Found<MailExchanger>) mx(resolver(server), "many.example.test");

    assertThat(found.values()).hasSize(100);
  }

  @Test
  void tellsAFailureOfTheServer() {
    assertThat(mx(resolver(server), "broken.test"))
        .isInstanceOfSatisfying(
            TemporaryFailure.class,
            failure -> assertThat(failure.text()).contains("broken.test MX").contains("SERVFAIL"));
  }

  @Test
  void asksTheNextServerAfterAFailure() {
    assertThat(mx(resolver(failing, server), "example.test")).isInstanceOf(Found.class);
  }

  @Test
  void asksTheNextServerWhereTheFirstIsSilent() throws IOException {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      DnsResolver resolver = resolver(address(silent), server.address());

      assertThat(mx(resolver, "example.test")).isInstanceOf(Found.class);

      silent.receive(new DatagramPacket(new byte[512], 512));
      assertThat(mx(resolver, "null.test")).isInstanceOf(Found.class);
      assertThat(pending(silent)).as("asked again though it was silent").isZero();
    }
  }

  @Test
  void saysWhichServersAreSilent() throws IOException {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      assertThat(mx(resolver(address(silent)), "example.test"))
          .isInstanceOfSatisfying(
              TemporaryFailure.class,
              failure -> assertThat(failure.text()).contains("no answer from 127.0.0.1"));
    }
  }

  @Test
  void asksOnceForManyWhoAskAtTheSameTime() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      DnsResolver resolver = resolver(address(silent));

      List<Future<Answer<MailExchanger>>> asking =
          IntStream.range(0, 50)
              .mapToObj(i -> threads.submit(() -> mx(resolver, "example.test")))
              .toList();

      for (Future<Answer<MailExchanger>> one : asking) {
        assertThat(one.get()).isInstanceOf(TemporaryFailure.class);
      }
      assertThat(pending(silent)).isEqualTo(FailoverResolver.ROUNDS);
    }
  }

  @Test
  void remembersAFailureForAMomentOnly() throws IOException {
    SettableClock now = new SettableClock();
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      DnsResolver resolver = resolver(now, address(silent));
      mx(resolver, "example.test");
      mx(resolver, "example.test");
      assertThat(pending(silent)).isEqualTo(FailoverResolver.ROUNDS);

      now.pass(Duration.ofSeconds(10));
      mx(resolver, "example.test");
      assertThat(pending(silent)).isEqualTo(FailoverResolver.ROUNDS);
    }
  }

  private static InetSocketAddress address(DatagramSocket socket) {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** Datagrams that lie there unread. */
  private static int pending(DatagramSocket socket) throws IOException {
    socket.setSoTimeout(100);
    int count = 0;
    while (true) {
      try {
        socket.receive(new DatagramPacket(new byte[512], 512));
        count++;
      } catch (SocketTimeoutException e) {
        return count;
      }
    }
  }

  private static Answer<MailExchanger> mx(DnsResolver resolver, String domain) {
    return resolver.mx(domain).answer();
  }

  private static Answer<InetAddress> addresses(
      DnsResolver resolver, String host, Set<IpVersion> versions) {
    return resolver.addresses(host, versions).answer();
  }

  private static DnsResolver resolver(DnsServer... servers) {
    return resolver(Stream.of(servers).map(DnsServer::address).toArray(InetSocketAddress[]::new));
  }

  private static DnsResolver resolver(InetSocketAddress... servers) {
    return resolver(Clock.systemUTC(), servers);
  }

  private static DnsResolver resolver(Clock clock, InetSocketAddress... servers) {
    return new DnsResolver(
        new DnsSetup(
            List.of(servers),
            Duration.ofMillis(500),
            Duration.ofSeconds(20),
            new Validation.Off(),
            Thread::startVirtualThread,
            clock));
  }
}
