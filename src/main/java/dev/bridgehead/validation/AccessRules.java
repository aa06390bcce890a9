package dev.bridgehead.validation;

import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.ServiceType;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.TrafficPolicy;
import java.util.List;

/** Who may relay: ranges that mean what they say, and no open relay, not even by accident. */
final class AccessRules {
  private AccessRules() {}

  static void judge(SmtpConnectorSpec spec, Findings findings) {
    List<String> clients = spec.allowedClients();
    for (int i = 0; i < clients.size(); i++) {
      if (clients.get(i) != null) {
        judgeRange(
            "spec.access.allowedClients[" + i + "]",
            clients.get(i),
            "must not be everybody, an open relay: name the ranges of your clients",
            findings);
      }
    }
    if (clients.isEmpty()) {
      findings.warning(
          "spec.access", "nobody may relay: name the ranges of your clients in allowedClients");
    }
    judgeProxies(spec.serviceOrDefault().trustedPeers(), findings);
    judgeTranslation(spec.serviceOrDefault(), clients, findings);
  }

  /** Whoever is trusted may claim to be any client. */
  private static void judgeProxies(List<String> peers, Findings findings) {
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i) != null) {
        judgeRange(
            "spec.service.proxyProtocol.trustedPeers[" + i + "]",
            peers.get(i),
            "must not be everybody, who could then claim to be any client: name the addresses of"
                + " your load balancers",
            findings);
      }
    }
  }

  private static void judgeRange(String field, String text, String ifAll, Findings findings) {
    try {
      if (Cidr.parse(text).prefix() == 0) {
        findings.invalid(field, text, ifAll);
      }
    } catch (IllegalArgumentException refused) {
      findings.invalid(field, text, String.valueOf(refused.getMessage()));
    }
  }

  /** Behind a node's address translation, all of the Internet looks like one of our own nodes. */
  private static void judgeTranslation(
      ClientService service, List<String> clients, Findings findings) {
    boolean fromOutside = service.typeOrDefault() != ServiceType.CLUSTER_IP;
    boolean hidden =
        service.externalTrafficPolicyOrDefault() == TrafficPolicy.CLUSTER
            && service.trustedPeers().isEmpty();
    if (fromOutside && hidden && !clients.isEmpty()) {
      findings.invalid(
          "spec.service.externalTrafficPolicy",
          "Cluster",
          "must be Local with spec.access.allowedClients, or proxyProtocol.trustedPeers be set: with"
              + " Cluster, clients on the Internet look like a node");
    }
  }
}
