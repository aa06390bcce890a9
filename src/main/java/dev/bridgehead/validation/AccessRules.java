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
        judgeRange("spec.access.allowedClients[" + i + "]", clients.get(i), findings);
      }
    }
    if (clients.isEmpty()) {
      findings.warning(
          "spec.access", "nobody may relay: name the ranges of your clients in allowedClients");
    }
    judgeTranslation(spec.serviceOrDefault(), clients, findings);
  }

  private static void judgeRange(String field, String text, Findings findings) {
    try {
      if (Cidr.parse(text).prefix() == 0) {
        findings.invalid(
            field, text, "must not be everybody, an open relay: name the ranges of your clients");
      }
    } catch (IllegalArgumentException refused) {
      findings.invalid(field, text, String.valueOf(refused.getMessage()));
    }
  }

  /** Behind a node's address translation, all of the Internet looks like one of our own nodes. */
  private static void judgeTranslation(
      ClientService service, List<String> clients, Findings findings) {
    boolean fromOutside = service.typeOrDefault() != ServiceType.CLUSTER_IP;
    boolean hidden = service.externalTrafficPolicyOrDefault() == TrafficPolicy.CLUSTER;
    if (fromOutside && hidden && !clients.isEmpty()) {
      findings.invalid(
          "spec.service.externalTrafficPolicy",
          "Cluster",
          "must be Local with spec.access.allowedClients: with Cluster, clients on the Internet look"
              + " like a node");
    }
  }
}
