package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** A real recursive resolver (unbound) on loopback that knows the given zones and nothing else. */
public final class Unbound implements AutoCloseable {
  private final Path folder;
  private final int port;
  private final Daemon server;

  private Unbound(List<SignedZone> zones, boolean validating, String anchor) {
    folder = Script.folder("unbound");
    port = Daemon.freePort();
    try {
      Files.writeString(folder.resolve("anchor"), anchor + "\n");
      for (SignedZone zone : zones) {
        Files.writeString(folder.resolve("db." + zone.origin()), zone.text());
      }
      Files.writeString(folder.resolve("conf"), configuration(zones, validating));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server =
        Daemon.start(
                "unbound",
                folder,
                MailPeers.program("usr/sbin/unbound").with("-d", "-p", "-c", "conf"))
            .await(this::answers);
  }

  /** Validates nothing, but passes on what a validator needs. */
  public static Unbound plain(SignedZone... zones) {
    return new Unbound(List.of(zones), false, "");
  }

  /** Validates from the first zone downwards. */
  public static Unbound validating(SignedZone... zones) {
    return new Unbound(List.of(zones), true, zones[0].ds());
  }

  /** Where it listens, UDP and TCP. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private String configuration(List<SignedZone> zones, boolean validating) {
    StringBuilder text =
        new StringBuilder(
            """
            server:
              interface: 127.0.0.1
              port: %d
              directory: "%s"
              username: ""
              chroot: ""
              pidfile: ""
              use-syslog: no
              logfile: ""
              num-threads: 1
              ede: yes
              local-zone: "test." nodefault
              module-config: "%s"
            """
                .formatted(port, folder, validating ? "validator iterator" : "iterator"));
    if (validating) {
      text.append("  trust-anchor-file: \"anchor\"\n  val-log-level: 2\n");
    }
    text.append("remote-control:\n  control-enable: no\n");
    for (SignedZone zone : zones) {
      text.append(
          """
          auth-zone:
            name: "%s"
            zonefile: "db.%s"
            for-downstream: no
            for-upstream: yes
          """
              .formatted(zone.origin(), zone.origin()));
    }
    return text.toString();
  }

  private boolean answers() throws IOException {
    SimpleResolver resolver = new SimpleResolver(address());
    resolver.setTimeout(Duration.ofSeconds(2));
    Message query =
        Message.newQuery(Record.newRecord(Name.fromString("localhost."), Type.A, DClass.IN));
    return resolver.send(query).getRcode() == Rcode.NOERROR;
  }

  @Override
  public void close() {
    server.close();
    Folders.delete(folder);
  }
}
