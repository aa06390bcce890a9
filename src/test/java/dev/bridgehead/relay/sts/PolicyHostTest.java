package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.bridgehead.relay.routing.NamedHosts.Found;
import dev.bridgehead.relay.sts.PolicyFailure.Reason;
import dev.bridgehead.relay.sts.StsPolicy.Mode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checks of addresses are relaxed here, so that loopback can be reached. */
class PolicyHostTest {
  private static final String POLICY =
      "version: STSv1\nmode: enforce\nmx: mx.example.test\nmax_age: 86400\n";

  private static final StsPolicy EXPECTED =
      new StsPolicy(Mode.ENFORCE, List.of("mx.example.test"), Duration.ofDays(1));

  private static final Authority AUTHORITY = new Authority();
  private static final SSLContext NAMED = AUTHORITY.issue("mta-sts.example.test");

  @Test
  void fetchesFromAServerThatIsNotOurs() throws Exception {
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(NAMED));
    server.createContext(
        "/.well-known/mta-sts.txt",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain");
          exchange.sendResponseHeaders(200, 0); // 0: in chunks
          exchange.getResponseBody().write(POLICY.getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.start();
    try {
      assertThat(host(server.getAddress()).fetch("example.test")).isEqualTo(EXPECTED);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void asksForTheOnePathAndTakesNothingElseAlong() throws Exception {
    try (ScriptedWeb web = ScriptedWeb.answering(NAMED, ScriptedWeb.policy(POLICY))) {
      host(web.address()).fetch("example.test");

      assertThat(web.requests())
          .containsExactly(
              """
              GET /.well-known/mta-sts.txt HTTP/1.1
              Host: mta-sts.example.test
              User-Agent: Bridgehead
              Accept: text/plain
              Connection: close""");
    }
  }

  @Test
  @DisplayName("case 18: a redirect is never followed")
  void neverFollowsARedirect() throws Exception {
    try (ScriptedWeb elsewhere = ScriptedWeb.answering(NAMED, ScriptedWeb.policy(POLICY));
        ScriptedWeb web =
            ScriptedWeb.answering(
                NAMED,
                "HTTP/1.1 302 Found\r\nLocation: https://mta-sts.example.test:%d/.well-known/mta-sts.txt\r\nContent-Length: 0\r\n\r\n"
                    .formatted(elsewhere.port()))) {
      PolicyFailure failure = failure(host(web.address()));

      assertThat(failure.reason()).isEqualTo(Reason.HTTP);
      assertThat(failure.text()).isEqualTo("redirects (302), which is not followed");
      assertThat(elsewhere.connections()).isZero();
    }
  }

  @Test
  @DisplayName("case 18: a policy without an end is not read to its end")
  void readsNoEndlessPolicy() throws Exception {
    try (ScriptedWeb web =
        ScriptedWeb.over(
            NAMED,
            client -> {
              ScriptedWeb.write(
                  client,
                  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
              while (true) {
                ScriptedWeb.write(client, "14\r\nmx: mx.example.test\n\r\n".repeat(100));
              }
            })) {
      PolicyFailure failure = failure(host(web.address()));

      assertThat(failure.reason()).isEqualTo(Reason.HTTP);
      assertThat(failure.text()).isEqualTo("answers with more than 65536 octets");
    }
  }

  @Test
  @DisplayName("case 18: an answer octet by octet ends at the deadline")
  void endsASlowAnswerAtTheDeadline() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    try (ScriptedWeb web =
        ScriptedWeb.over(
            NAMED,
            client -> {
              try {
                while (true) {
                  ScriptedWeb.write(client, "H");
                  client.getOutputStream().flush();
                  gone.await(20, java.util.concurrent.TimeUnit.MILLISECONDS);
                }
              } finally {
                gone.countDown();
              }
            })) {
      PolicyFailure failure = failure(impatient(web.address()));

      assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT);
      assertThat(failure.text()).endsWith("no policy within 1 seconds");
      gone.await();
    }
  }

  @Test
  @DisplayName("case 18: a handshake that goes nowhere ends at the deadline")
  void endsASilentHandshakeAtTheDeadline() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedWeb web = ScriptedWeb.plain(client -> over.await())) {
      assertThat(failure(impatient(web.address())).reason()).isEqualTo(Reason.TIMEOUT);
    } finally {
      over.countDown();
    }
  }

  @Test
  @DisplayName("case 18: where the look-up used the time up, nothing is connected")
  void connectsNobodyAfterTheDeadline() throws Exception {
    try (ScriptedWeb web = ScriptedWeb.answering(NAMED, ScriptedWeb.policy(POLICY))) {
      PolicyHost host =
          new PolicyHost(
              (name, port) -> found(name, web.address()),
              AUTHORITY::trust,
              new PolicyHost.Limits(Duration.ofSeconds(1), Duration.ofNanos(-1)));
      assertThat(failure(host).reason()).isEqualTo(Reason.TIMEOUT);
      assertThat(web.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mta-sts.other.test",
        "example.test",
        "*.test",
        "*.mta-sts.example.test",
        "mta-sts.example.test.evil.test"
      })
  @DisplayName("case 18: a certificate of another name is refused")
  void refusesACertificateOfAnotherName(String name) throws Exception {
    try (ScriptedWeb web =
        ScriptedWeb.answering(AUTHORITY.issue(name), ScriptedWeb.policy(POLICY))) {
      assertThat(failure(host(web.address())).reason()).isEqualTo(Reason.TLS);
      assertThat(web.requests()).doesNotContainNull().noneMatch(it -> it.contains("GET"));
    }
  }

  @Test
  void takesAWildcardForOneLabel() throws Exception {
    try (ScriptedWeb web =
        ScriptedWeb.answering(AUTHORITY.issue("*.example.test"), ScriptedWeb.policy(POLICY))) {
      assertThat(host(web.address()).fetch("example.test")).isEqualTo(EXPECTED);
    }
  }

  @Test
  void aCommonNameProvesNothing() throws Exception {
    try (ScriptedWeb web = ScriptedWeb.answering(AUTHORITY.issue(), ScriptedWeb.policy(POLICY))) {
      PolicyFailure failure = failure(host(web.address()));

      assertThat(failure.reason()).isEqualTo(Reason.TLS);
      assertThat(failure.text())
          .contains("the certificate does not prove the name mta-sts.example.test");
    }
  }

  @Test
  void refusesACertificateThatRanOut() throws Exception {
    try (ScriptedWeb web =
        ScriptedWeb.answering(
            AUTHORITY.issueExpired("mta-sts.example.test"), ScriptedWeb.policy(POLICY))) {
      assertThat(failure(host(web.address())).reason()).isEqualTo(Reason.TLS);
    }
  }

  @Test
  void refusesACertificateOfAnotherAuthority() throws Exception {
    try (ScriptedWeb web =
        ScriptedWeb.answering(
            new Authority().issue("mta-sts.example.test"), ScriptedWeb.policy(POLICY))) {
      assertThat(failure(host(web.address())).reason()).isEqualTo(Reason.TLS);
    }
  }

  @Test
  void refusesAServerThatSpeaksClearText() throws Exception {
    try (ScriptedWeb web =
        ScriptedWeb.plain(client -> ScriptedWeb.write(client, ScriptedWeb.policy(POLICY)))) {
      assertThat(failure(host(web.address())).reason()).isEqualTo(Reason.TLS);
    }
  }

  @Test
  void takesNoPolicyThatSomebodyCutShort() throws Exception {
    String answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + POLICY;
    try (ScriptedWeb web =
        ScriptedWeb.plain(
            client -> {
              SSLSocket tls = (SSLSocket) NAMED.getSocketFactory().createSocket(client, null, true);
              tls.setUseClientMode(false);
              ScriptedWeb.header(tls);
              ScriptedWeb.write(tls, answer);
              client.close(); // without the end that TLS has
            })) {
      assertThat(failure(host(web.address())).reason()).isEqualTo(Reason.HTTP);
    }
  }

  @Test
  void goesOnToTheNextAddressWhereNobodyListens() throws Exception {
    try (ScriptedWeb web = ScriptedWeb.answering(NAMED, ScriptedWeb.policy(POLICY))) {
      assertThat(host(closed(), web.address()).fetch("example.test")).isEqualTo(EXPECTED);
    }
  }

  @Test
  @DisplayName("case 18: of a thousand addresses four are tried")
  void triesFewOfManyAddresses() throws Exception {
    try (ScriptedWeb web = ScriptedWeb.answering(NAMED, ScriptedWeb.policy(POLICY))) {
      InetSocketAddress[] many =
          IntStream.rangeClosed(1, 5)
              .mapToObj(i -> i == 5 ? web.address() : closed())
              .toArray(InetSocketAddress[]::new);
      PolicyFailure failure = failure(host(many));

      assertThat(failure.reason()).isEqualTo(Reason.CONNECTION);
      assertThat(failure.text()).startsWith("127.0.0.1 port ").contains("refused");
      assertThat(web.connections()).isZero();
    }
  }

  @Test
  void usesNoProxy() throws Exception {
    try (ScriptedWeb proxy = ScriptedWeb.plain(client -> {});
        ScriptedWeb web = ScriptedWeb.answering(NAMED, ScriptedWeb.policy(POLICY))) {
      System.setProperty("socksProxyHost", "127.0.0.1");
      System.setProperty("socksProxyPort", Integer.toString(proxy.port()));
      System.setProperty("https.proxyHost", "127.0.0.1");
      System.setProperty("https.proxyPort", Integer.toString(proxy.port()));
      try {
        assertThat(host(web.address()).fetch("example.test")).isEqualTo(EXPECTED);
        assertThat(proxy.connections()).isZero();
      } finally {
        List.of("socksProxyHost", "socksProxyPort", "https.proxyHost", "https.proxyPort")
            .forEach(System::clearProperty);
      }
    }
  }

  private static InetSocketAddress closed() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(free.getInetAddress(), free.getLocalPort());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static PolicyFailure failure(PolicyHost host) {
    return assertThrows(PolicyFailure.class, () -> host.fetch("example.test"));
  }

  private static PolicyHost host(InetSocketAddress... addresses) {
    return new PolicyHost(
        (name, port) -> found(name, addresses), AUTHORITY::trust, PolicyHost.Limits.STANDARD);
  }

  private static PolicyHost impatient(InetSocketAddress address) {
    return new PolicyHost(
        (name, port) -> found(name, address),
        AUTHORITY::trust,
        new PolicyHost.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1)));
  }

  private static Found found(String name, InetSocketAddress... addresses) {
    assertThat(name).isEqualTo("mta-sts.example.test");
    return new Found(Arrays.asList(addresses), List.of());
  }
}
