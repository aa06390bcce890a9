package dev.bridgehead.relay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.Selection;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.ManifestReader;
import dev.bridgehead.manifest.TokenGrant;
import dev.bridgehead.relay.config.RelayConfig.SmartHostTarget;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RelayConfigTest {
  private static final String LEAST =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet, namespace: mail}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: Mail.Example.com.}]
      """;

  private static final String FULL =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata:
        name: relay
        namespace: mail
        generation: 7
        annotations:
          bridgehead.dev/own-addresses: 10.96.0.9,2001:db8::9
          bridgehead.dev/cluster-domain: k8s.example
      spec:
        routing:
          mode: SmartHost
          selection: Failover
          smartHosts:
            - {host: smtp.bücher.example, port: 465, implicitTls: true, credentialsRef: {name: login}}
            - {host: "[IPv6:2001:db8::25]", tlsName: SMTP.example.net.}
        addressSpaces: [{domain: "*.example.com"}]
        bridgeheads:
          - {name: one, hostname: one.example.com}
          - name: two
            hostname: two.example.com
            replicas: 3
            virtualServer: {port: 2525, outboundPort: 587, maxMessageSize: 1Mi, bareLineEndings: Normalize, addMissingHeaders: false}
        outbound: {tls: {mode: Verified, caBundleRef: {name: our-ca}}, addressFamily: IPv4}
        access: {allowedClients: [10.0.0.0/8], maxMessagesPerMinutePerClient: 600, xclientPeers: [10.0.0.9]}
        postmaster: Post.Master@Example.com
        delivery: {retryIntervals: [30s, 1h], expireAfter: 2d, delayNotificationAfter: 1h,
          maxConnectionsPerDestination: 3, maxMessagesPerMinutePerDestination: 90}
        service: {proxyProtocol: {trustedPeers: [198.51.100.0/24]}}
      """;

  private static final String LOGIN =
      """
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: login, namespace: mail}
      stringData: {username: user, password: "s3cret"}
      """;

  @Test
  void connectsPrivateAddressesByDnsOnlyWhereTheyAreAllowed() throws Exception {
    assertThat(read(LEAST, null, false).routes().privateAddresses()).isFalse();
    assertThat(
            read(LEAST.replace("DNS}", "DNS, allowPrivateAddresses: true}"), null, false)
                .routes()
                .privateAddresses())
        .isTrue();
  }

  private static RelayConfig read(String yaml, @Nullable String bridgehead, boolean laptop)
      throws ManifestException {
    return RelayConfig.of(
        ManifestReader.connector(yaml.getBytes(StandardCharsets.UTF_8)),
        "abc",
        bridgehead,
        "cluster.local",
        laptop);
  }

  private static String ourCa() throws IOException {
    try (InputStream in = RelayConfigTest.class.getResourceAsStream("ca.crt")) {
      String pem = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return """
          ---
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: our-ca, namespace: mail}
          data:
            ca.crt: |
          """
          + pem.indent(4);
    }
  }

  @Test
  void fillsInEveryDefault() throws Exception {
    RelayConfig config = read(LEAST, null, false);
    assertThat(config.identity().hostname()).isEqualTo("mail.example.com");
    assertThat(config.identity().clusterDomain()).isEqualTo("cluster.local");
    assertThat(config.listening()).isEqualTo(new RelayConfig.Listening(25, false, 25 << 20, true));
    assertThat(config.access().postmaster()).isNull();
    assertThat(config.routes().mode()).isEqualTo(RoutingMode.DNS);
    assertThat(config.routes().outboundPort()).isEqualTo(25);
    assertThat(config.routes().carries("anything.example")).isTrue();
    assertThat(config.outgoing().tls()).isEqualTo(TlsMode.OPPORTUNISTIC);
    assertThat(config.outgoing().addressFamily()).isEqualTo(AddressFamily.ANY);
    assertThat(config.retry().intervals())
        .containsExactly(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofHours(1));
    assertThat(config.retry().expireAfter()).isEqualTo(Duration.ofDays(5));
    assertThat(config.retry().delayNotificationAfter()).isEqualTo(Duration.ofHours(4));
    assertThat(config.limits()).isEqualTo(new RelayConfig.Limits(20, null));
  }

  @Test
  void knowsFromWhichPodOnTheOperatorDrains() throws Exception {
    String draining =
        LEAST.replaceFirst(
            "metadata: \\{", "metadata: {annotations: {bridgehead.dev/drain-from: \"2\"}, ");

    assertThat(read(draining, null, false).listening().drainFrom()).isEqualTo(2);
    assertThat(read(LEAST, null, false).listening().drainFrom()).isNull();
  }

  @Test
  void takesEveryFieldOver() throws Exception {
    RelayConfig config = read(FULL + LOGIN + ourCa(), "two", false);
    assertThat(config.identity())
        .isEqualTo(
            new RelayConfig.Identity(
                "relay",
                "mail",
                "two",
                7,
                "abc",
                "two.example.com",
                "k8s.example",
                java.util.Set.of(
                    InetAddress.ofLiteral("10.96.0.9"), InetAddress.ofLiteral("2001:db8::9"))));
    assertThat(config.listening())
        .isEqualTo(
            new RelayConfig.Listening(
                2525, false, 1 << 20, BareLineEndings.NORMALIZE, false, null, null));
    assertThat(config.access().messagesPerMinute()).isEqualTo(600);
    assertThat(config.access().maySpeakForOthers(InetAddress.ofLiteral("10.0.0.9"))).isTrue();
    assertThat(config.access().maySpeakForOthers(InetAddress.ofLiteral("10.0.0.8"))).isFalse();
    assertThat(config.access().trusts(InetAddress.ofLiteral("198.51.100.7"))).isTrue();
    assertThat(config.access().trusts(InetAddress.ofLiteral("10.1.2.3"))).isFalse();
    assertThat(config.access().postmaster())
        .isEqualTo(new MailAddress("Post.Master", "example.com"));
    assertThat(config.routes().selection()).isEqualTo(Selection.FAILOVER);
    assertThat(config.routes().smartHosts())
        .containsExactly(
            new SmartHostTarget(
                "smtp.xn--bcher-kva.example",
                null,
                465,
                true,
                new Credentials.Password("user", "s3cret")),
            new SmartHostTarget(
                "[IPv6:2001:db8::25]",
                InetAddress.ofLiteral("2001:db8::25"),
                587,
                false,
                "smtp.example.net",
                null));
    assertThat(config.routes().carries("sub.example.com")).isTrue();
    assertThat(config.routes().privateAddresses()).isTrue();
    assertThat(config.routes().carries("example.org")).isFalse();
    assertThat(config.outgoing().tls()).isEqualTo(TlsMode.VERIFIED);
    assertThat(config.outgoing().caBundle()).hasSize(1);
    assertThat(config.outgoing().addressFamily()).isEqualTo(AddressFamily.IPV4);
    assertThat(config.retry().intervals())
        .containsExactly(Duration.ofSeconds(30), Duration.ofHours(1));
    assertThat(config.retry().expireAfter()).isEqualTo(Duration.ofDays(2));
    assertThat(config.retry().delayNotificationAfter()).isEqualTo(Duration.ofHours(1));
    assertThat(config.limits()).isEqualTo(new RelayConfig.Limits(3, 30.0));
  }

  @Test
  void givesTheWholeRateToTheOnlyProcessOfALaptop() throws Exception {
    RelayConfig config = read(FULL + LOGIN + ourCa(), "two", true);
    assertThat(config.limits().messagesPerMinute()).isEqualTo(90.0);
  }

  @Test
  void letsOnlyTheAllowedRelayInAPod() throws Exception {
    RelayConfig config = read(FULL + LOGIN + ourCa(), "two", false);
    assertThat(config.access().mayRelay(InetAddress.ofLiteral("10.1.2.3"))).isTrue();
    assertThat(config.access().mayRelay(InetAddress.ofLiteral("::ffff:10.1.2.3"))).isTrue();
    assertThat(config.access().mayRelay(InetAddress.ofLiteral("192.0.2.1"))).isFalse();
    assertThat(config.access().mayRelay(InetAddress.ofLiteral("127.0.0.1"))).isFalse();
  }

  @Test
  void letsLoopbackRelayOnALaptopAndListensThereOnly() throws Exception {
    RelayConfig config = read(LEAST, null, true);
    assertThat(config.listening().loopbackOnly()).isTrue();
    assertThat(config.access().mayRelay(InetAddress.ofLiteral("127.0.0.1"))).isTrue();
    assertThat(config.access().mayRelay(InetAddress.ofLiteral("::1"))).isTrue();
    assertThat(config.access().mayRelay(InetAddress.ofLiteral("10.1.2.3"))).isFalse();
    assertThat(read(FULL + LOGIN + ourCa(), "one", true).listening().loopbackOnly()).isFalse();
  }

  @Test
  void namesEveryReferenceThatLeadsNowhere() {
    assertThatThrownBy(() -> read(FULL, "two", true))
        .isInstanceOf(ManifestException.class)
        .hasMessage(
            """
            spec.routing.smartHosts[0].credentialsRef: Not found: "login": no Secret of that name in namespace mail: give the file that has it with another -f
            spec.outbound.tls.caBundleRef: Not found: "our-ca": no ConfigMap of that name in namespace mail: give the file that has it with another -f""");
  }

  @Test
  void refusesKeysThatCanNotBeUsed() {
    String broken =
        FULL
            + LOGIN.replace("\"s3cret\"", "\"s3cret\\n\"")
            + """
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: our-ca, namespace: mail}
            data: {ca.crt: nonsense}
            """;
    assertThatThrownBy(() -> read(broken, "two", false))
        .hasMessageContaining("has a key \"password\" that is empty, or holds a line break")
        .hasMessageContaining("the key \"ca.crt\" ")
        .hasMessageNotContaining("s3cret");
    assertThatThrownBy(() -> read(FULL + LOGIN.replace("username", "user") + ourCa(), "two", false))
        .hasMessageContaining("has no key \"username\"");
  }

  @Test
  void takesAccessTokensInPlaceOfAPassword() throws Exception {
    String tokens =
        LOGIN.replace(
            "password: \"s3cret\"",
            "tokenEndpoint: https://login.example.com/token, clientId: relay, clientSecret: hush");

    assertThat(read(FULL + tokens + ourCa(), "two", false).routes().smartHosts().getFirst())
        .extracting(SmartHostTarget::credentials)
        .isEqualTo(
            new Credentials.OAuth(
                "user",
                new TokenGrant(
                    URI.create("https://login.example.com/token"),
                    "relay",
                    "hush",
                    null,
                    null,
                    List.of())));
  }

  @Test
  void asksWhichOfSeveralBridgeheads() {
    assertThatThrownBy(() -> read(FULL, null, true))
        .hasMessage(
            "the connector relay has several bridgeheads: choose one with --bridgehead: one, two");
    assertThatThrownBy(() -> read(FULL, "three", true))
        .hasMessageContaining("has no bridgehead \"three\"");
  }

  @Test
  void neverShowsAPassword() throws Exception {
    assertThat(read(FULL + LOGIN + ourCa(), "two", false).toString()).doesNotContain("s3cret");
  }

  @Test
  void tellsListenersOfAChange() throws Exception {
    RelayConfig first = read(LEAST, null, false);
    RelayConfig second = read(LEAST, null, true);
    CurrentConfig current = new CurrentConfig(first);
    StringBuilder seen = new StringBuilder();
    current.onChange(
        (before, now) -> seen.append(before == first && now == second && current.get() == second));
    current.set(second);
    assertThat(seen).hasToString("true");
  }
}
