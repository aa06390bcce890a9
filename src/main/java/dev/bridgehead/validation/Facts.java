package dev.bridgehead.validation;

import java.net.InetAddress;
import java.util.List;

/**
 * What the rules need to know that the spec doesn't say.
 *
 * @param namespace the connector's namespace
 * @param clusterDomain the DNS domain of the cluster, such as {@code cluster.local}
 * @param serviceAddresses the addresses of the connector's own Services: cluster, load-balancer and
 *     external IPs; empty where they are not known
 */
public record Facts(String namespace, String clusterDomain, List<InetAddress> serviceAddresses) {
  /** What clusters are called where nobody says otherwise. */
  public static final String DEFAULT_CLUSTER_DOMAIN = "cluster.local";

  public Facts {
    serviceAddresses = List.copyOf(serviceAddresses);
  }

  /** Without a cluster: nothing is known but the names. */
  public static Facts offline(String namespace, String clusterDomain) {
    return new Facts(namespace, clusterDomain, List.of());
  }
}
