package dev.bridgehead.webhook;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/** Finds the addresses of a connector's own Services, so that a smart host can't be one of them. */
@FunctionalInterface
interface ServiceAddresses {
  /**
   * The cluster, load-balancer and external IPs of those of these Services that exist. Bounded in
   * time; empty where nothing can be found out.
   */
  List<InetAddress> of(String namespace, Set<String> serviceNames);
}
