package dev.bridgehead.dns;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.xbill.DNS.ResolverConfig;

/**
 * Whom to ask, and whom to believe.
 *
 * @param servers asked in this order; at least one
 * @param serverTimeout how long one server may take for one question
 * @param deadline how long a look-up may take in all, aliases and proofs included
 * @param validation who validates
 * @param executor runs look-ups, which block: virtual threads
 * @param clock for times to live, and signatures
 */
public record DnsSetup(
    List<InetSocketAddress> servers,
    Duration serverTimeout,
    Duration deadline,
    Validation validation,
    Executor executor,
    Clock clock) {
  public DnsSetup {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("no name server");
    }
  }

  /** Three seconds a server, twenty in all. */
  public static DnsSetup of(List<InetSocketAddress> servers, Validation validation) {
    return new DnsSetup(
        servers,
        Duration.ofSeconds(3),
        Duration.ofSeconds(20),
        validation,
        Thread::startVirtualThread,
        Clock.systemUTC());
  }

  /** The machine's own servers ({@code /etc/resolv.conf}); nobody validates. */
  public static DnsSetup ofSystem() {
    return of(systemServers(), new Validation.Off());
  }

  /** Those of {@code /etc/resolv.conf}. */
  public static List<InetSocketAddress> systemServers() {
    return ResolverConfig.getCurrentConfig().servers();
  }
}
