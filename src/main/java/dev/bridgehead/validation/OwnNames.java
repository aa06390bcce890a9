package dev.bridgehead.validation;

import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The names that stand for this server itself: the hostnames of its bridgeheads, and the DNS names
 * of the connector's own Services, with all below them (a pod of a headless Service).
 */
public final class OwnNames {
  private final Set<String> hostnames = new HashSet<>();
  private final List<String> services = new ArrayList<>();

  OwnNames(String connector, SmtpConnectorSpec spec, Facts facts) {
    List<String> names = new ArrayList<>();
    names.add(connector);
    for (BridgeheadEntry bridgehead : Present.of(spec.bridgeheads())) {
      if (bridgehead.hostname() != null) {
        hostnames.add(DomainName.canonical(bridgehead.hostname()));
      }
      if (bridgehead.name() != null) {
        names.add(connector + "-" + bridgehead.name());
        names.add(connector + "-" + bridgehead.name() + "-pods");
      }
    }
    String clusterDomain = DomainName.canonical(facts.clusterDomain());
    for (String name : names) {
      String service = DomainName.canonical(name + "." + facts.namespace() + ".svc");
      services.add(service);
      services.add(service + "." + clusterDomain);
    }
  }

  /** Where no addresses are asked for. */
  public static OwnNames of(
      String connector, SmtpConnectorSpec spec, String namespace, String clusterDomain) {
    return new OwnNames(connector, spec, Facts.offline(namespace, clusterDomain));
  }

  boolean isOwnHostname(DomainName name) {
    return hostnames.contains(name.ascii());
  }

  public boolean isOwnService(DomainName name) {
    return services.stream()
        .anyMatch(own -> name.ascii().equals(own) || name.ascii().endsWith("." + own));
  }
}
