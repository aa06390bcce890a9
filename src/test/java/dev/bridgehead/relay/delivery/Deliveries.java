package dev.bridgehead.relay.delivery;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.Selection;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.IpVersion;
import dev.bridgehead.dns.Lookup;
import dev.bridgehead.dns.MailExchanger;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfig.SmartHostTarget;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.policy.TlsPolicies;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.routing.ElapsedTime;
import dev.bridgehead.relay.routing.OwnAddresses;
import dev.bridgehead.relay.routing.Router;
import dev.bridgehead.relay.sts.StsPolicies;
import dev.bridgehead.testbed.SelfSigned;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A delivery to smart hosts {@code mx1.example.test}, {@code mx2…} that really are on loopback. */
final class Deliveries {
  static final String MESSAGE = "Subject: hello\r\n\r\n.dotted\r\nlast line\r\n";
  static final String TO = "rcpt@example.test";

  /** A reply to EHLO. */
  static final String PIPELINING =
      "250-host.example.test\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME";

  /** Short enough for a test of a peer that stalls. */
  static final Timeouts SHORT =
      new Timeouts(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofSeconds(10),
          Duration.ofMillis(200),
          Duration.ofMillis(400));

  private TlsMode tls = TlsMode.OPPORTUNISTIC;
  private List<X509Certificate> roots = List.of();
  private @Nullable TlsKeyPair clientCertificate;
  private @Nullable Credentials credentials;
  private boolean implicitTls;
  private @Nullable String tlsName;
  private RoutingMode mode = RoutingMode.SMART_HOST;
  private Resolver dns = new NoDns();
  private StsPolicies sts = StsPolicies.NONE;
  private final MeterRegistry metrics = new SimpleMeterRegistry();
  private Timeouts timeouts = Timeouts.STANDARD;
  private Selection selection = Selection.FAILOVER;
  private String ehloName = "relay.example.test";
  private final List<String> names = new ArrayList<>();
  private final List<String> rules = new ArrayList<>();

  /** Hosts in the order of trial. */
  static Deliveries to(InetSocketAddress... hosts) {
    Deliveries deliveries = new Deliveries();
    for (int i = 0; i < hosts.length; i++) {
      deliveries.host("mx%d.example.test".formatted(i + 1), hosts[i].getPort());
    }
    return deliveries;
  }

  static Deliveries to(ScriptedHost... hosts) {
    return to(Arrays.stream(hosts).map(ScriptedHost::address).toArray(InetSocketAddress[]::new));
  }

  /** What one attempt comes to for {@link #TO}. */
  static Outcome outcome(ScriptedHost host) {
    return attempt(host, message(TO)).getFirst();
  }

  /** What one attempt comes to, with short time-outs. */
  static List<Outcome> attempt(ScriptedHost host, Attempt attempt) {
    try (SmtpDelivery delivery = to(host).timeouts(SHORT).start()) {
      return delivery.attempt(attempt);
    }
  }

  Deliveries host(String name, int port) {
    names.add(name);
    rules.add(name + ":25:127.0.0.1:" + port);
    return this;
  }

  Deliveries tls(TlsMode mode, X509Certificate... trusted) {
    tls = mode;
    roots = List.of(trusted);
    return this;
  }

  Deliveries selection(Selection order) {
    selection = order;
    return this;
  }

  /** Also of deliveries that run already. */
  Deliveries ehloName(String name) {
    ehloName = name;
    return this;
  }

  /** Also of deliveries that run already. */
  Deliveries clientCertificate(SelfSigned client) {
    clientCertificate = client.keyPair();
    return this;
  }

  Deliveries implicitTls() {
    implicitTls = true;
    return this;
  }

  /** The hosts have this one's certificate. */
  Deliveries tlsName(String name) {
    tlsName = name;
    return this;
  }

  Deliveries credentials(String username, String password) {
    return credentials(new Credentials.Password(username, password));
  }

  Deliveries credentials(Credentials login) {
    credentials = login;
    return this;
  }

  Deliveries timeouts(Timeouts limits) {
    timeouts = limits;
    return this;
  }

  /** DNS mode: to the exchangers that these name servers know. */
  Deliveries byDns(Resolver resolver) {
    mode = RoutingMode.DNS;
    return dns(resolver);
  }

  /** One that is looked up. */
  Deliveries smartHost(String name) {
    names.add(name);
    return this;
  }

  /** Smart hosts that these name servers know. */
  Deliveries dns(Resolver resolver) {
    dns = resolver;
    return this;
  }

  Deliveries sts(StsPolicies policies) {
    sts = policies;
    return this;
  }

  /** What is meant for an address, or a host, at port 25 goes to a peer on loopback. */
  Deliveries connect(String host, InetSocketAddress peer) {
    rules.add(host + ":25:127.0.0.1:" + peer.getPort());
    return this;
  }

  MeterRegistry metrics() {
    return metrics;
  }

  SmtpDelivery start() {
    Router router =
        new Router(
            this::config,
            dns,
            ConnectTo.parse(rules),
            OwnAddresses.ofThisMachine(),
            new Random(1),
            new ElapsedTime());
    return new SmtpDelivery(this::config, router, new TlsPolicies(dns, sts), timeouts, metrics);
  }

  private RelayConfig config() {
    return new RelayConfig(
        new RelayConfig.Identity(
            "test", "default", "edge", 1, "", ehloName, "cluster.local", Set.of()),
        new RelayConfig.Listening(25, true, 1 << 20, true),
        new RelayConfig.Access(List.of(), true, null),
        new RelayConfig.Routes(
            mode, names.stream().map(this::target).toList(), selection, 25, List.of()),
        new RelayConfig.Outgoing(tls, roots, clientCertificate, AddressFamily.ANY),
        new RelayConfig.Retry(List.of(Duration.ofMinutes(1)), Duration.ofDays(5)));
  }

  private SmartHostTarget target(String name) {
    String proven = tlsName == null ? name : tlsName;
    return new SmartHostTarget(name, null, 25, implicitTls, proven, credentials);
  }

  static Attempt message(String... recipients) {
    return message(MESSAGE.getBytes(StandardCharsets.ISO_8859_1), recipients);
  }

  static Attempt message(byte[] content, String... recipients) {
    return message(content, BodyType.SEVEN_BIT, false, recipients);
  }

  static Attempt message(byte[] content, BodyType body, boolean smtpUtf8, String... recipients) {
    List<MailAddress> to = Arrays.stream(recipients).map(Deliveries::address).toList();
    Envelope envelope =
        new Envelope(address("sender@example.test"), to, body, smtpUtf8, Instant.now(), false);
    return new Attempt(
        new QueueId("AAAAAAAAAAAAA1"),
        envelope,
        new Destination.SmartHosts(),
        to,
        content.length,
        () -> new ByteArrayInputStream(content));
  }

  static MailAddress address(String text) {
    int at = text.lastIndexOf('@');
    return new MailAddress(text.substring(0, at), text.substring(at + 1));
  }

  /** Every host is replaced by a rule, so that nothing is ever looked up. */
  private static final class NoDns implements Resolver {
    @Override
    public Lookup<MailExchanger> mx(String domain) {
      throw new AssertionError("MX of " + domain + " was looked up");
    }

    @Override
    public Lookup<InetAddress> addresses(String host, Set<IpVersion> versions) {
      throw new AssertionError("addresses of " + host + " were looked up");
    }

    @Override
    public Lookup<String> alias(String host) {
      throw new AssertionError("an alias of " + host + " was looked up");
    }

    @Override
    public Lookup<TlsaRecord> tlsa(String host, int port) {
      throw new AssertionError("TLSA records of " + host + " were looked up");
    }

    @Override
    public Lookup<String> txt(String name) {
      throw new AssertionError("TXT records of " + name + " were looked up");
    }
  }
}
