package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.testbed.HaProxy;
import dev.bridgehead.validation.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real load balancer, which connects from 127.0.0.1; clients have other addresses of loopback.
 */
@Tag("tier3")
class SmtpBehindHaProxyIT {
  private static RelayConfig config() {
    RelayConfig config = ServerUnderTest.config(false, null, "*");
    return new RelayConfig(
        config.identity(),
        config.listening(),
        new RelayConfig.Access(
            List.of(Cidr.parse("127.0.0.9")), List.of(Cidr.parse("127.0.0.1")), false, null),
        config.routes(),
        config.outgoing(),
        config.retry());
  }

  private static String rcpt(RawClient client) throws IOException {
    client.reply();
    client.ask("EHLO client.example");
    client.ask("MAIL FROM:<a@client.example>");
    return client.ask("RCPT TO:<b@example.org>");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theClientsAddressDecides(int version) throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(config());
        HaProxy balancer = HaProxy.before(server.port(), version);
        RawClient mayRelay = new RawClient(balancer.port(), InetAddress.ofLiteral("127.0.0.9"));
        RawClient mayNot = new RawClient(balancer.port(), InetAddress.ofLiteral("127.0.0.8"))) {
      assertThat(rcpt(mayRelay)).startsWith("250 2.1.5");
      assertThat(mayRelay.message("Subject: x\r\n\r\nx")).startsWith("250 2.0.0");
      assertThat(rcpt(mayNot)).startsWith("550 5.7.1 relaying denied: [127.0.0.8]");

      assertThat(server.spool.only().text())
          .startsWith("Received: from client.example ([127.0.0.9])");
      // HAProxy's health checks, five a second, are no faults.
      assertThat(server.refused(Refusal.PROXY_HEADER)).isZero();
    }
  }
}
