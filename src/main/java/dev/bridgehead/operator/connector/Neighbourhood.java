package dev.bridgehead.operator.connector;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.operator.model.ConnectorReport.Accepted;
import dev.bridgehead.operator.model.ConnectorReport.Judgement;
import dev.bridgehead.operator.model.ConnectorReport.Refused;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.Loops;
import dev.bridgehead.operator.model.Reason;
import dev.bridgehead.operator.model.RelayServices;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.FieldError;
import dev.bridgehead.validation.IpAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of the rules needs to know more than one connector: no smart host is one of its own pods (3)
 * or leads back to it over other connectors (10).
 */
final class Neighbourhood {
  /** Index of Services by their addresses. */
  static final String BY_ADDRESS = "address";

  private final KubernetesClient client;
  private final Loops loops;
  private final SimpleInboundEventSource<SmtpConnector> calls = new SimpleInboundEventSource<>();

  /**
   * @param services with the indexes {@link #BY_ADDRESS} and {@link
   *     ConnectorReconciler#OF_CONNECTOR}
   * @param bridgeheads with the latter
   */
  Neighbourhood(
      KubernetesClient client,
      String clusterDomain,
      Cache<SmtpConnector> connectors,
      InformerEventSource<Service, SmtpConnector> services,
      InformerEventSource<Bridgehead, SmtpConnector> bridgeheads) {
    this.client = client;
    this.loops =
        new Loops(
            new Loops.Neighbours() {
              @Override
              public Optional<SmtpConnector> connector(String namespace, String name) {
                return connectors.get(new ResourceID(name, namespace));
              }

              @Override
              public List<Service> servicesAt(String address) {
                return services.byIndex(BY_ADDRESS, address);
              }

              @Override
              public List<Bridgehead> bridgeheadsOf(SmtpConnector connector) {
                return bridgeheads.byIndex(
                    ConnectorReconciler.OF_CONNECTOR, connector.getMetadata().getUid());
              }
            },
            clusterDomain);
  }

  /**
   * The keys of {@link #BY_ADDRESS}: each address in the one form that Java gives it. What somebody
   * wrote into a Service must not end the watch of all of them.
   */
  static List<String> addresses(Service service) {
    return RelayServices.addresses(List.of(service)).stream()
        .flatMap(address -> IpAddress.parse(address).stream())
        .map(InetAddress::getHostAddress)
        .toList();
  }

  /** Wakes connectors that {@link #tellOthers} finds. */
  SimpleInboundEventSource<SmtpConnector> calls() {
    return calls;
  }

  Judgement judge(SmtpConnector connector, Accepted accepted) {
    return ownPod(connector)
        .<Judgement>map(fault -> new Refused(Reason.OWN_ADDRESS, fault.toString()))
        .or(
            () ->
                loops
                    .closedBy(connector)
                    .map(fault -> new Refused(Reason.LOOP_DETECTED, fault.toString())))
        .orElse(accepted);
  }

  /**
   * Whoever is refused for a ring that this connector closes has to look; nothing of its changed.
   */
  void tellOthers(SmtpConnector connector) {
    loops.closedWith(connector).stream()
        .filter(other -> !isRefused(other))
        .forEach(other -> calls.propagateEvent(ResourceID.fromResource(other)));
  }

  private static boolean isRefused(SmtpConnector connector) {
    return connector.getStatus() != null
        && Conditions.isFalse(connector.getStatus().conditions(), Conditions.ACCEPTED);
  }

  private Optional<FieldError> ownPod(SmtpConnector connector) {
    List<SmartHost> hosts = connector.getSpec().routing().smartHostsOrNone();
    if (hosts.stream().noneMatch(host -> AddressLiteral.isMeant(host.host()))) {
      return Optional.empty(); // as nearly always: pods need not be asked for
    }
    Set<InetAddress> pods = podAddresses(connector);
    for (int i = 0; i < hosts.size(); i++) {
      String host = hosts.get(i).host();
      if (AddressLiteral.isMeant(host) && pods.contains(AddressLiteral.parse(host))) {
        return Optional.of(
            FieldError.invalid(
                "spec.routing.smartHosts[" + i + "].host",
                host,
                "must not be an address of this connector's own pods: mail would come back to this"
                    + " server"));
      }
    }
    return Optional.empty();
  }

  private Set<InetAddress> podAddresses(SmtpConnector connector) {
    return client
        .pods()
        .inNamespace(connector.getMetadata().getNamespace())
        .withLabel(Labels.CONNECTOR_UID, connector.getMetadata().getUid())
        .list()
        .getItems()
        .stream()
        .flatMap(Neighbourhood::addresses)
        .map(InetAddress::ofLiteral)
        .collect(Collectors.toSet());
  }

  private static Stream<String> addresses(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.concat(
                Stream.ofNullable(pod.getStatus().getPodIP()),
                pod.getStatus().getPodIPs().stream().map(each -> each.getIp()))
            .filter(Objects::nonNull)
            .filter(address -> !address.isEmpty());
  }
}
