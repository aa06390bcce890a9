package dev.bridgehead.relay.sts;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.Selection;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.DnsResolver;
import dev.bridgehead.dns.DnsSetup;
import dev.bridgehead.dns.ScriptedServer;
import dev.bridgehead.dns.SettableClock;
import dev.bridgehead.dns.Validation;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.routing.ElapsedTime;
import dev.bridgehead.relay.routing.NamedHosts;
import dev.bridgehead.relay.routing.OwnAddresses;
import dev.bridgehead.relay.spool.LocalDisk;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * The world around one relay that looks for policies: a name server, time, and a folder. Where
 * nothing else is said, the policy host of {@code example.test} is really at a web server of the
 * test, by {@code --connect-to}; nothing else reaches loopback.
 */
final class StsWorld implements AutoCloseable {
  private static final String SOA = "test. 5 SOA ns.test. nobody.test. 1 60 60 60 5";

  final SettableClock clock = new SettableClock();
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final Authority authority = new Authority();
  private final Map<String, List<String>> zone = new ConcurrentHashMap<>();
  private final ScriptedServer server = new ScriptedServer(this::answer);
  private final Path folder;
  private @Nullable ScriptedWeb web;
  private ConnectTo connectTo = ConnectTo.NONE;
  private boolean privateAddresses;
  private volatile boolean dead;

  StsWorld(Path folder) throws IOException {
    this.folder = folder;
  }

  private byte[] answer(Message query, boolean tcp) throws IOException {
    var question = query.getQuestion();
    String name = question.getName().toString(true);
    String type = Type.string(question.getType());
    List<String> records = zone.getOrDefault(name + " " + type, List.of());
    boolean exists = zone.keySet().stream().anyMatch(key -> key.startsWith(name + " "));
    int rcode = exists ? Rcode.NOERROR : Rcode.NXDOMAIN;
    return ScriptedServer.wire(
        query,
        tcp,
        ScriptedServer.reply(
            query,
            dead ? Rcode.SERVFAIL : rcode,
            dead ? List.of() : records,
            records.isEmpty() ? List.of(SOA) : List.of()));
  }

  /** Records of a name, in place of those before. */
  StsWorld zone(String name, String type, String... data) {
    zone.put(
        name + " " + type,
        Stream.of(data).map(it -> "%s. 5 %s %s".formatted(name, type, it)).toList());
    return this;
  }

  /** The TXT record that says which version of its policy a domain has. */
  StsWorld announce(String domain, String id) {
    return zone("_mta-sts." + domain, "TXT", "\"v=STSv1; id=" + id + ";\"");
  }

  StsWorld withdraw(String domain) {
    zone.remove("_mta-sts." + domain + " TXT");
    return this;
  }

  /** The name server answers with SERVFAIL from now on. */
  StsWorld nobodyKnows() {
    dead = true;
    return this;
  }

  List<String> questions() {
    return server.questions();
  }

  /** Puts this web server in the place of the policy host of {@code example.test}. */
  StsWorld web(ScriptedWeb web) {
    this.web = web;
    connectTo = ConnectTo.parse(List.of("mta-sts.example.test:443:127.0.0.1:" + web.port()));
    return this;
  }

  /** Serves a policy of {@code example.test}, in place of the one before, with a new server. */
  StsWorld policy(String policy) throws IOException {
    return web(
        ScriptedWeb.answering(authority.issue("mta-sts.example.test"), ScriptedWeb.policy(policy)));
  }

  ScriptedWeb web() {
    return java.util.Objects.requireNonNull(web);
  }

  StsWorld connectTo(String... options) {
    connectTo = ConnectTo.parse(List.of(options));
    return this;
  }

  StsWorld allowPrivateAddresses() {
    privateAddresses = true;
    return this;
  }

  void pass(Duration time) {
    clock.pass(time);
  }

  /** A relay's policies: another call is a restart. */
  KeptPolicies policies() {
    var dns =
        new DnsResolver(
            new DnsSetup(
                List.of(server.address()),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                new Validation.Off(),
                Thread::startVirtualThread,
                clock));
    RelayConfig config = config();
    var hosts =
        new NamedHosts(
            () -> config, dns, connectTo, OwnAddresses.ofThisMachine(), new ElapsedTime());
    return KeptPolicies.in(
        folder.resolve("mta-sts"),
        new LocalDisk(),
        new KeptPolicies.Sources(dns, hosts, authority::trust),
        clock,
        registry);
  }

  double count(String name, String... tags) {
    var counter = registry.find(name).tags(tags).counter();
    return counter == null ? 0 : counter.count();
  }

  private RelayConfig config() {
    return new RelayConfig(
        new RelayConfig.Identity(
            "test", "default", "edge", 1, "", "relay.example.test", "cluster.test", Set.of()),
        new RelayConfig.Listening(25, true, 1 << 20, true),
        new RelayConfig.Access(List.of(), true, null),
        new RelayConfig.Routes(
            RoutingMode.DNS, List.of(), Selection.ROUND_ROBIN, 25, List.of(), privateAddresses),
        new RelayConfig.Outgoing(TlsMode.OPPORTUNISTIC, List.of(), AddressFamily.ANY),
        new RelayConfig.Retry(List.of(Duration.ofMinutes(1)), Duration.ofDays(5)));
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (web != null) {
      web.close();
    }
  }
}
