package dev.bridgehead.relay.routing;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of this machine's interfaces, read anew every few seconds: they come and go. Any
 * thread may ask.
 */
public final class OwnAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(OwnAddresses.class);
  private static final Duration LIFETIME = Duration.ofSeconds(10);

  private final Interfaces interfaces;
  private final ElapsedTime clock;
  private volatile Snapshot snapshot = new Snapshot(Set.of(), Instant.MIN);

  /** Lists addresses. */
  @FunctionalInterface
  interface Interfaces {
    Set<InetAddress> addresses() throws SocketException;
  }

  private record Snapshot(Set<InetAddress> addresses, Instant until) {}

  OwnAddresses(Interfaces interfaces, ElapsedTime clock) {
    this.interfaces = interfaces;
    this.clock = clock;
  }

  public static OwnAddresses ofThisMachine() {
    return new OwnAddresses(OwnAddresses::local, new ElapsedTime());
  }

  private static Set<InetAddress> local() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .collect(Collectors.toSet());
  }

  /** Every loopback address counts, whether an interface has it or not. */
  boolean contains(InetAddress address) {
    return address.isLoopbackAddress() || current().stream().anyMatch(own -> same(own, address));
  }

  /** Whether this machine has an IPv6 address with which it can reach others. */
  boolean hasGlobalIpv6() {
    return current().stream().anyMatch(own -> ipv6(own) && global(own));
  }

  /** Whether this machine has an address with which it can reach others of this one's family. */
  boolean reachesFamilyOf(InetAddress other) {
    return current().stream().anyMatch(own -> ipv6(own) == ipv6(other) && global(own));
  }

  private static boolean ipv6(InetAddress address) {
    return address.getAddress().length == 16;
  }

  /** What has only link-local addresses (also 169.254/16, RFC 3927 §2.6) has no route beyond. */
  private static boolean global(InetAddress own) {
    return !own.isLoopbackAddress() && !own.isLinkLocalAddress();
  }

  /** An interface's IPv6 address carries its scope; a looked-up one doesn't. */
  private static boolean same(InetAddress own, InetAddress other) {
    return Arrays.equals(own.getAddress(), other.getAddress());
  }

  private Set<InetAddress> current() {
    Snapshot known = snapshot;
    Instant now = clock.now();
    if (now.isBefore(known.until())) {
      return known.addresses();
    }
    try {
      Snapshot fresh = new Snapshot(interfaces.addresses(), now.plus(LIFETIME));
      snapshot = fresh;
      return fresh.addresses();
    } catch (SocketException e) {
      LOG.warn("the local interfaces can't be listed; going on with those known", e);
      return known.addresses();
    }
  }
}
