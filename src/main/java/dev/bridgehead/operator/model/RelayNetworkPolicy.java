package dev.bridgehead.operator.model;

import dev.bridgehead.api.VirtualServer;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who reaches the pods of a bridgehead. The SMTP ports are open to everybody: who may relay is the
 * relay's to decide, and a refused client should read why. The management port is for the operator,
 * for the siblings that hand mail over, and for who reads metrics; probes come from the node, which
 * policies always let in. What goes out is not limited: mail goes anywhere.
 */
public final class RelayNetworkPolicy {
  private static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";

  private RelayNetworkPolicy() {}

  /** Empty where the operator's own namespace isn't known: it would lock itself out. */
  public static Optional<NetworkPolicy> of(
      BridgeheadKey key, VirtualServer virtualServer, RelayEnvironment environment) {
    List<String> open =
        virtualServer.implicitTlsPort() == null
            ? List.of(RelayServices.SMTP)
            : List.of(RelayServices.SMTP, RelayServices.SMTPS);
    return environment
        .operatorNamespace()
        .map(
            operator ->
                new NetworkPolicyBuilder()
                    .withMetadata(key.metadata(key.name()))
                    .withNewSpec()
                    .withNewPodSelector()
                    .withMatchLabels(key.selector())
                    .endPodSelector()
                    .withPolicyTypes("Ingress")
                    .withIngress(
                        to(open, List.of()),
                        to(List.of(RelayServices.MANAGEMENT), peers(key, operator, environment)))
                    .endSpec()
                    .build());
  }

  /** What identifies it, to take it away. */
  public static NetworkPolicy bare(BridgeheadKey key) {
    return new NetworkPolicyBuilder().withMetadata(key.metadata(key.name())).build();
  }

  private static List<NetworkPolicyPeer> peers(
      BridgeheadKey key, String operator, RelayEnvironment environment) {
    List<NetworkPolicyPeer> peers = new ArrayList<>();
    peers.add(
        new NetworkPolicyPeerBuilder()
            .withNewPodSelector()
            .withMatchLabels(key.selector())
            .endPodSelector()
            .build());
    peers.add(namespace(operator));
    environment.metricsNamespaces().stream()
        .filter(name -> !name.equals(operator))
        .map(RelayNetworkPolicy::namespace)
        .forEach(peers::add);
    return peers;
  }

  private static NetworkPolicyPeer namespace(String name) {
    return new NetworkPolicyPeerBuilder()
        .withNamespaceSelector(
            new LabelSelectorBuilder().withMatchLabels(Map.of(NAMESPACE_NAME, name)).build())
        .build();
  }

  /**
   * @param peers everybody where it is empty
   */
  private static NetworkPolicyIngressRule to(List<String> ports, List<NetworkPolicyPeer> peers) {
    return new NetworkPolicyIngressRuleBuilder()
        .withFrom(peers)
        .withPorts(ports.stream().map(RelayNetworkPolicy::port).toList())
        .build();
  }

  private static NetworkPolicyPort port(String name) {
    return new NetworkPolicyPortBuilder()
        .withProtocol("TCP")
        .withPort(new IntOrString(name))
        .build();
  }
}
