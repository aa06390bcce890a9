package dev.bridgehead.operator.model;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.Routing;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.DomainName;
import dev.bridgehead.validation.FieldError;
import dev.bridgehead.validation.OwnNames;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Connectors that forward to each other's Services in a ring (rule 10). Of a ring the youngest is
 * refused: whoever was there first must not suffer from who comes later. Address spaces and ports
 * are not looked at: a smart host gets all that is carried.
 */
public final class Loops {
  private static final Comparator<SmtpConnector> BY_AGE =
      Comparator.<SmtpConnector, String>comparing(
              each -> Objects.requireNonNullElse(each.getMetadata().getCreationTimestamp(), ""))
          .thenComparing(each -> each.getMetadata().getUid());

  /** What there is besides the connector that is judged. */
  public interface Neighbours {
    Optional<SmtpConnector> connector(String namespace, String name);

    /** Services of any connector with this cluster, external or load-balancer address. */
    List<Service> servicesAt(String address);

    /** What runs of a connector. */
    List<Bridgehead> bridgeheadsOf(SmtpConnector connector);
  }

  private final Neighbours neighbours;
  private final String clusterDomain;

  public Loops(Neighbours neighbours, String clusterDomain) {
    this.neighbours = neighbours;
    this.clusterDomain = clusterDomain;
  }

  /**
   * Whether a connector is the youngest of a ring.
   *
   * @return the smart host that closes it, and by whom mail would come back
   */
  public Optional<FieldError> closedBy(SmtpConnector connector) {
    List<SmartHost> hosts = smartHosts(connector.getSpec().routing());
    for (int i = 0; i < hosts.size(); i++) {
      String host = Objects.requireNonNullElse(hosts.get(i).host(), "");
      Optional<List<String>> way =
          target(host).filter(next -> older(next, connector)).flatMap(next -> way(next, connector));
      if (way.isPresent()) {
        return Optional.of(
            FieldError.invalid(
                "spec.routing.smartHosts[" + i + "].host",
                host,
                "is a Service of a connector that leads back to this one: mail would go round by "
                    + String.join(", ", way.get())
                    + ". Of these this connector is the youngest: let it, or one of them, send"
                    + " elsewhere"));
      }
    }
    return Optional.empty();
  }

  /** Connectors that are refused for a ring that this older one has closed. */
  public List<SmtpConnector> closedWith(SmtpConnector connector) {
    List<SmtpConnector> found = new ArrayList<>();
    Set<String> seen = new HashSet<>(Set.of(uid(connector)));
    Deque<SmtpConnector> open = new ArrayDeque<>(next(smartHosts(connector.getSpec().routing())));
    while (!open.isEmpty()) {
      SmtpConnector each = open.remove();
      if (seen.add(uid(each))) {
        open.addAll(next(used(each)));
        if (older(connector, each) && each.getSpec() != null && closedBy(each).isPresent()) {
          found.add(each);
        }
      }
    }
    return found;
  }

  /** By whom mail comes from one connector to another, over none that is younger. */
  private Optional<List<String>> way(SmtpConnector from, SmtpConnector to) {
    Set<String> seen = new HashSet<>(Set.of(uid(from)));
    Deque<List<SmtpConnector>> open = new ArrayDeque<>(List.of(List.of(from)));
    while (!open.isEmpty()) {
      List<SmtpConnector> way = open.remove();
      for (SmtpConnector next : next(used(way.getLast()))) {
        if (uid(next).equals(uid(to))) {
          return Optional.of(way.stream().map(Loops::name).toList());
        }
        if (older(next, to) && seen.add(uid(next))) {
          open.add(Stream.concat(way.stream(), Stream.of(next)).toList());
        }
      }
    }
    return Optional.empty();
  }

  private List<SmtpConnector> next(List<SmartHost> hosts) {
    return hosts.stream()
        .map(SmartHost::host)
        .filter(Objects::nonNull)
        .flatMap(host -> target(host).stream())
        .toList();
  }

  /** The smart hosts that mail really goes to: where the spec was refused, those that run on. */
  private List<SmartHost> used(SmtpConnector connector) {
    if (connector.getSpec() != null && !refused(connector)) {
      return smartHosts(connector.getSpec().routing());
    }
    return neighbours.bridgeheadsOf(connector).stream()
        .filter(bridgehead -> bridgehead.getSpec() != null)
        .flatMap(bridgehead -> smartHosts(bridgehead.getSpec().routing()).stream())
        .distinct()
        .toList();
  }

  private static boolean refused(SmtpConnector connector) {
    return Labels.annotation(connector, Labels.UNREADABLE).isPresent()
        || (connector.getStatus() != null
            && Conditions.find(connector.getStatus().conditions(), Conditions.ACCEPTED)
                .filter(accepted -> accepted.status().equals("False"))
                .filter(
                    accepted ->
                        Objects.equals(
                            accepted.observedGeneration(), connector.getMetadata().getGeneration()))
                .isPresent());
  }

  private static List<SmartHost> smartHosts(@Nullable Routing routing) {
    return routing == null || routing.mode() != RoutingMode.SMART_HOST
        ? List.of()
        : routing.smartHostsOrNone();
  }

  /** The connector that a smart host is a Service of. */
  private Optional<SmtpConnector> target(String host) {
    try {
      return AddressLiteral.isMeant(host)
          ? at(AddressLiteral.parse(host).getHostAddress())
          : named(DomainName.parse(host));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the other rules say so
    }
  }

  private Optional<SmtpConnector> at(String address) {
    return neighbours.servicesAt(address).stream()
        .flatMap(
            service ->
                Labels.label(service, Labels.INSTANCE)
                    .flatMap(
                        name -> neighbours.connector(service.getMetadata().getNamespace(), name))
                    .filter(
                        connector ->
                            Labels.connectorUid(service).filter(uid(connector)::equals).isPresent())
                    .stream())
        .findFirst();
  }

  /** {@code S.NS.svc}, with or without the cluster's domain, and all below it. */
  private Optional<SmtpConnector> named(DomainName name) {
    String suffix = "." + DomainName.canonical(clusterDomain);
    String inCluster =
        name.ascii().endsWith(".svc" + suffix)
            ? name.ascii().substring(0, name.ascii().length() - suffix.length())
            : name.ascii();
    List<String> labels = List.of(inCluster.split("\\.", -1));
    int last = labels.size() - 1;
    if (last < 2 || !labels.get(last).equals("svc")) {
      return Optional.empty();
    }
    String namespace = labels.get(last - 1);
    String service = labels.get(last - 2);
    // The connector's name, or that and a bridgehead's; either may have hyphens.
    return Stream.iterate(service, each -> !each.isEmpty(), Loops::withoutLastWord)
        .flatMap(each -> neighbours.connector(namespace, each).stream())
        .filter(each -> each.getSpec() != null)
        .filter(
            each ->
                OwnNames.of(each.getMetadata().getName(), each.getSpec(), namespace, clusterDomain)
                    .isOwnService(name))
        .findFirst();
  }

  private static String withoutLastWord(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('-')));
  }

  private static boolean older(SmtpConnector one, SmtpConnector other) {
    return BY_AGE.compare(one, other) < 0;
  }

  private static String uid(SmtpConnector connector) {
    return connector.getMetadata().getUid();
  }

  private static String name(SmtpConnector connector) {
    return connector.getMetadata().getNamespace() + "/" + connector.getMetadata().getName();
  }
}
