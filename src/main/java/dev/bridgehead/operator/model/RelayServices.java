package dev.bridgehead.operator.model;

import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.ServiceType;
import dev.bridgehead.api.TrafficPolicy;
import dev.bridgehead.api.VirtualServer;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Services in front of relay pods, and the pods' ServiceAccount. */
public final class RelayServices {
  /** Name of the container port that takes mail. */
  static final String SMTP = "smtp";

  /** Name of the container port that takes mail by TLS from the first octet. */
  static final String SMTPS = "smtps";

  /** Name of the container port of the management API. */
  static final String MANAGEMENT = "management";

  private static final int SMTP_PORT = 25;

  /** RFC 8314 section 7.3. */
  private static final int SMTPS_PORT = 465;

  private RelayServices() {}

  /**
   * The Service that applications use: every bridgehead of the connector, always on port 25, and on
   * port 465 those that take implicit TLS.
   *
   * @param service the connector's wishes
   * @param implicitTls whether any bridgehead takes it
   */
  public static Service shared(
      String namespace,
      String connector,
      String connectorUid,
      ClientService service,
      boolean implicitTls) {
    Map<String, String> selector = Labels.connectorSelector(connector);
    Map<String, String> labels = new TreeMap<>(selector);
    labels.put(Labels.MANAGED_BY, Labels.OPERATOR);
    labels.put(Labels.CONNECTOR_UID, connectorUid);
    ObjectMeta metadata =
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName(connector)
            .withLabels(labels)
            .withAnnotations(service.annotationsOrNone())
            .build();
    return new ServiceBuilder()
        .withMetadata(metadata)
        .withSpec(clientSpec(selector, ports(SMTP_PORT, implicitTls ? SMTPS_PORT : null), service))
        .build();
  }

  /** The bridgehead's own Service, on the ports of its virtual server. */
  public static Service client(
      BridgeheadKey key, VirtualServer virtualServer, ClientService service) {
    ObjectMeta metadata = key.metadata(key.name());
    metadata.setAnnotations(service.annotationsOrNone());
    return new ServiceBuilder()
        .withMetadata(metadata)
        .withSpec(clientSpec(key.selector(), ports(virtualServer), service))
        .build();
  }

  /**
   * The headless Service that names the pods. It publishes pods that are not ready: a draining pod
   * is not, and has still to be found by its name.
   */
  public static Service pods(
      BridgeheadKey key, VirtualServer virtualServer, ClientService service) {
    return new ServiceBuilder()
        .withMetadata(key.metadata(key.podsServiceName()))
        .withNewSpec()
        .withClusterIP("None")
        .withIpFamilyPolicy(familyPolicy(service))
        .withIpFamilies(families(service))
        .withPublishNotReadyAddresses(true)
        .withSelector(key.selector())
        .withPorts(ports(virtualServer))
        .addToPorts(port(MANAGEMENT, RelayStatefulSet.MANAGEMENT_PORT))
        .endSpec()
        .build();
  }

  /** An identity without a token: a relay never talks to the API server. */
  public static ServiceAccount account(BridgeheadKey key) {
    return new ServiceAccountBuilder()
        .withMetadata(key.metadata(key.name()))
        .withAutomountServiceAccountToken(false)
        .build();
  }

  /** Every address under which Services are reached: cluster, external and load-balancer ones. */
  public static List<String> addresses(Collection<Service> services) {
    List<String> addresses = new ArrayList<>();
    for (Service service : services) {
      addresses.addAll(service.getSpec().getClusterIPs());
      addresses.addAll(service.getSpec().getExternalIPs());
      if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
        for (LoadBalancerIngress ingress : service.getStatus().getLoadBalancer().getIngress()) {
          if (ingress.getIp() != null) {
            addresses.add(ingress.getIp());
          }
        }
      }
    }
    return addresses.stream()
        .filter(address -> !address.isEmpty() && !address.equals("None"))
        .sorted()
        .distinct()
        .toList();
  }

  private static ServiceSpec clientSpec(
      Map<String, String> selector, List<ServicePort> ports, ClientService service) {
    ServiceType type = service.typeOrDefault();
    ServiceSpecBuilder spec =
        new ServiceSpecBuilder()
            .withType(
                switch (type) {
                  case CLUSTER_IP -> "ClusterIP";
                  case NODE_PORT -> "NodePort";
                  case LOAD_BALANCER -> "LoadBalancer";
                })
            .withSelector(selector)
            .withIpFamilyPolicy(familyPolicy(service))
            .withIpFamilies(families(service))
            .withPorts(ports);
    if (type != ServiceType.CLUSTER_IP) {
      // Without Local, a client from outside looks like a node, and allowedClients is meaningless.
      spec.withExternalTrafficPolicy(
          service.externalTrafficPolicyOrDefault() == TrafficPolicy.LOCAL ? "Local" : "Cluster");
    }
    return spec.build();
  }

  private static @Nullable String familyPolicy(ClientService service) {
    return service.ipFamilyPolicy() == null
        ? null
        : switch (service.ipFamilyPolicy()) {
          case SINGLE_STACK -> "SingleStack";
          case PREFER_DUAL_STACK -> "PreferDualStack";
          case REQUIRE_DUAL_STACK -> "RequireDualStack";
        };
  }

  private static List<String> families(ClientService service) {
    return service.ipFamilies() == null
        ? List.of()
        : service.ipFamilies().stream()
            .map(
                family ->
                    switch (family) {
                      case IPV4 -> "IPv4";
                      case IPV6 -> "IPv6";
                    })
            .toList();
  }

  private static List<ServicePort> ports(VirtualServer virtualServer) {
    return ports(virtualServer.portOrDefault(), virtualServer.implicitTlsPort());
  }

  private static List<ServicePort> ports(int smtp, @Nullable Integer smtps) {
    return smtps == null
        ? List.of(port(SMTP, smtp))
        : List.of(port(SMTP, smtp), port(SMTPS, smtps));
  }

  private static ServicePort port(String name, int port) {
    return new ServicePortBuilder()
        .withName(name)
        .withPort(port)
        .withTargetPort(new IntOrString(name))
        .withProtocol("TCP")
        .build();
  }
}
