package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * A real name server (CoreDNS) on loopback with zones of the test's own. A name in none of them
 * does not exist (NXDOMAIN). Zones are changed by {@link #with}, on the same port.
 */
public final class DnsServer implements AutoCloseable {
  /** Rises with every zone file, also over the runs that share a name server. */
  private static final AtomicLong serials =
      new AtomicLong(System.currentTimeMillis() / 100 % 4_000_000_000L);

  private final int port;
  private final Path folder;
  private final Map<String, String> zones;
  private final List<String> broken;
  private Daemon server;

  private DnsServer(Map<String, String> zones, List<String> broken) {
    port = Daemon.freePort();
    folder = Script.folder("dns");
    this.zones = new TreeMap<>(zones);
    this.broken = new ArrayList<>(broken);
    server = serve();
  }

  /**
   * Starts one with zones.
   *
   * @param zones origin, such as {@code example.test}, to its records without the SOA, in the
   *     format of a zone file: {@code "@ IN MX 10 mx1\nmx1 IN A 127.0.0.1"}
   */
  public static DnsServer start(Map<String, String> zones) {
    return new DnsServer(zones, List.of());
  }

  /** Where it listens, UDP and TCP. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Adds or replaces a zone. */
  public DnsServer with(String origin, String records) {
    zones.put(origin, records);
    return restarted();
  }

  /** Answers SERVFAIL for a domain and all below it. */
  public DnsServer failing(String origin) {
    broken.add(origin);
    return restarted();
  }

  /** Answers nothing more, until {@link #restarted}. */
  public void stop() {
    server.close();
  }

  /** Answers again. */
  public DnsServer restarted() {
    server.close();
    server = serve();
    return this;
  }

  private Daemon serve() {
    try {
      Files.writeString(folder.resolve("Corefile"), corefile());
      for (var zone : zones.entrySet()) {
        Files.writeString(folder.resolve("db." + zone.getKey()), zoneFile(zone.getValue()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String coredns = Script.built("build").resolve("coredns").toString();
    return Daemon.start("coredns", folder, Command.of(coredns, "-conf", "Corefile"))
        .await(this::answers);
  }

  /** The records of a zone with the SOA and NS that every zone has. */
  static String zoneFile(String records) {
    return """
        $TTL 1
        @ IN SOA ns nobody %d 60 60 60 1
        @ IN NS ns
        ns IN A 127.0.0.1
        %s
        """
        .formatted(serials.incrementAndGet(), records);
  }

  private String corefile() {
    var text = new StringBuilder();
    for (String origin : broken) {
      block(text, origin, "template ANY ANY {\nrcode SERVFAIL\n}");
    }
    for (String origin : zones.keySet()) {
      block(text, origin, "file db." + origin);
    }
    block(
        text,
        ".",
        "template ANY ANY {\nrcode NXDOMAIN\nauthority \". 1 IN SOA a. b. 1 1 1 1 1\"\n}");
    return text.toString();
  }

  private void block(StringBuilder text, String origin, String plugin) {
    text.append("%s:%d {%nbind 127.0.0.1%n%s%nerrors%n}%n".formatted(origin, port, plugin));
  }

  private boolean answers() throws IOException {
    var resolver = new SimpleResolver(address());
    resolver.setTimeout(Duration.ofSeconds(1));
    Message query = Message.newQuery(Record.newRecord(Name.root, Type.SOA, DClass.IN));
    return resolver.send(query).getRcode() == Rcode.NXDOMAIN;
  }

  @Override
  public void close() {
    server.close();
    Folders.delete(folder);
  }
}
