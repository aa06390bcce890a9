package dev.bridgehead.relay.delivery;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.DnsResolver;
import dev.bridgehead.dns.DnsSetup;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.dns.Validation;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.testbed.Authority;
import dev.bridgehead.testbed.SignedZone;
import dev.bridgehead.testbed.Unbound;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Hosts that really speak TLS on loopback, at addresses that a real validating look-up of signed
 * zones leads to.
 */
final class DanePeers implements AutoCloseable {
  static final Authority ROOT = Authority.root("root");
  static final Authority ISSUER = ROOT.issuing("issuer");
  static final Authority STRANGER = Authority.root("stranger");

  /** Nobody listens there. */
  static final String DEAD = "198.51.100.9";

  private final InetSocketAddress nobody = refusing();

  /** What records are of. */
  private final Map<String, X509Certificate> certificates = new LinkedHashMap<>();

  private final Map<String, ScriptedHost> hosts = new LinkedHashMap<>();
  private SignedZone top = SignedZone.unsigned("none.test", "");
  private Unbound server;

  @SuppressWarnings("NullAway.Init") // with the zones
  DanePeers() {
    Authority.Identity good = ISSUER.issue("*.signed.test", "*.hosts.test");
    Authority.Identity expired = ISSUER.issueExpired("expired.example.net");
    Authority.Identity other = ISSUER.issue("mx.example.net");
    certificates.put("good", good.certificate());
    certificates.put("expired", expired.certificate());
    certificates.put("issuer", ISSUER.certificate());
    certificates.put("root", ROOT.certificate());
    certificates.put("stranger", STRANGER.certificate());
    hosts.put("198.51.100.1", ScriptedHost.startTls(good.context()));
    hosts.put("198.51.100.2", ScriptedHost.startTls(expired.context()));
    hosts.put("198.51.100.3", ScriptedHost.friendly());
    hosts.put("198.51.100.4", ScriptedHost.brokenTls());
    hosts.put("198.51.100.5", ScriptedHost.startTls(other.context()));
  }

  private static InetSocketAddress refusing() {
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(gone.getInetAddress(), gone.getLocalPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Zones below {@code test}, which is signed. */
  DanePeers serving(SignedZone... zones) {
    top = SignedZone.nsec("test", SignedZone.delegations(zones));
    server =
        Unbound.plain(
            Stream.concat(Stream.of(top), Arrays.stream(zones)).toArray(SignedZone[]::new));
    return this;
  }

  /**
   * A zone's lines.
   *
   * @param host relative
   * @param records as in {@code 3 1 1 good; 2 1 1 root}, of this test's certificates; may be empty
   */
  String host(String host, String address, String records) {
    String tlsa =
        Arrays.stream(records.split("; *"))
            .filter(record -> !record.isEmpty())
            .map(record -> "_25._tcp.%s IN TLSA %s%n".formatted(host, record(record)))
            .collect(Collectors.joining());
    return "%s IN A %s%n%s".formatted(host, address, tlsa);
  }

  private String record(String text) {
    int space = text.lastIndexOf(' ');
    X509Certificate certificate =
        Objects.requireNonNull(certificates.get(text.substring(space + 1)), text);
    return Tlsa.of(text.substring(0, space), certificate).toString();
  }

  ScriptedHost at(String address) {
    return Objects.requireNonNull(hosts.get(address), address);
  }

  /** That has looked up nothing yet. */
  Resolver resolver() {
    return resolver(server.address());
  }

  InetSocketAddress nameServer() {
    return server.address();
  }

  Validation validation() {
    return Validation.InProcess.anchored(top.ds(), Set.of());
  }

  /** For {@code --connect-to}, whatever the port. */
  List<String> rules() {
    List<String> rules = new ArrayList<>();
    hosts.forEach((address, host) -> rules.add(rule(address, host.address())));
    rules.add(rule(DEAD, nobody));
    return rules;
  }

  private static String rule(String address, InetSocketAddress peer) {
    return address + "::127.0.0.1:" + peer.getPort();
  }

  /** That validates what another server says. */
  Resolver resolver(InetSocketAddress address) {
    return new DnsResolver(
        new DnsSetup(
            List.of(address),
            Duration.ofMillis(500),
            Duration.ofSeconds(20),
            validation(),
            Thread::startVirtualThread,
            Clock.systemUTC()));
  }

  /** To all of these hosts, trusting the authority of all but strangers. */
  Deliveries deliveries(TlsMode mode, Resolver dns) {
    Deliveries deliveries =
        new Deliveries().byDns(dns).tls(mode, ROOT.certificate()).timeouts(Deliveries.SHORT);
    hosts.forEach((address, host) -> deliveries.connect(address, host.address()));
    deliveries.connect(DEAD, nobody);
    return deliveries;
  }

  /** What one attempt comes to. */
  Result attempt(String domain, TlsMode mode) {
    return attempt(domain, deliveries(mode, resolver()));
  }

  static Result attempt(String domain, Deliveries deliveries) {
    try (SmtpDelivery delivery = deliveries.start()) {
      return new Result(delivery.attempt(to(domain)).getFirst(), tls(deliveries));
    }
  }

  static Attempt to(String domain) {
    Attempt attempt = Deliveries.message("rcpt@" + domain);
    return new Attempt(
        attempt.id(),
        attempt.envelope(),
        new Destination.Domain(domain),
        attempt.recipients(),
        attempt.size(),
        attempt.content());
  }

  static String tls(Deliveries deliveries) {
    return deliveries.metrics().find("bridgehead.delivery.tls.sessions").counters().stream()
        .map(DanePeers::shown)
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private static String shown(Counter counter) {
    String times = counter.count() == 1 ? "" : "*" + (int) counter.count();
    return counter.getId().getTag("policy") + "/" + counter.getId().getTag("result") + times;
  }

  /**
   * An attempt's.
   *
   * @param tls {@code policy/result} of each session that was to be
   */
  record Result(Outcome outcome, String tls) {
    /** {@code delivered}, or the status. */
    String status() {
      return switch (outcome) {
        case Delivered _ -> "delivered";
        case Deferred(var why) -> why.status().toString();
        case Failed(var why) -> why.status().toString();
      };
    }

    String text() {
      return switch (outcome) {
        case Delivered _ -> "";
        case Deferred(var why) -> why.text();
        case Failed(var why) -> why.text();
      };
    }
  }

  @Override
  public void close() {
    hosts.values().forEach(ScriptedHost::close);
    if (server != null) {
      server.close();
    }
  }
}
