package dev.bridgehead.validation;

import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.ServiceAccountRef;
import dev.bridgehead.api.ServiceType;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.TrafficPolicy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who may relay: ranges that mean what they say, and no open relay, not even by accident. */
final class AccessRules {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  /** RFC 1123 as Kubernetes has it; possessive, so that no text takes long. */
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]++(?:-++[a-z0-9]++)*+(?:\\.[a-z0-9]++(?:-++[a-z0-9]++)*+)*+");

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
    if (clients.isEmpty() && !spec.accessOrDefault().authenticates()) {
      findings.warning(
          "spec.access",
          "nobody may relay: name the ranges of your clients in allowedClients, or who may log in"
              + " in usersSecretRef or serviceAccounts");
    }
    judgeAccounts(spec.accessOrDefault().serviceAccountsOrNone(), findings);
    judgeTls(spec, findings);
    judgePeers(
        "spec.service.proxyProtocol.trustedPeers",
        spec.serviceOrDefault().trustedPeers(),
        "your load balancers",
        clients,
        findings);
    judgePeers(
        "spec.access.xclientPeers",
        spec.xclientPeers(),
        "your content filters and proxies",
        clients,
        findings);
    judgeTranslation(spec.serviceOrDefault(), clients, findings);
  }

  /** A name that no ServiceAccount can have would never match. */
  private static void judgeAccounts(List<ServiceAccountRef> accounts, Findings findings) {
    Map<ServiceAccountRef, Integer> seen = new HashMap<>();
    for (int i = 0; i < accounts.size(); i++) {
      ServiceAccountRef account = accounts.get(i);
      if (account == null) {
        continue;
      }
      String field = "spec.access.serviceAccounts[" + i + "]";
      String namespace = account.namespace();
      if (namespace != null && !LABEL.matcher(namespace).matches()) {
        findings.invalid(
            field + ".namespace", namespace, "must be the name of a namespace, such as shop");
      }
      String name = account.name();
      if (name != null && (name.length() > 253 || !SUBDOMAIN.matcher(name).matches())) {
        findings.invalid(
            field + ".name", name, "must be the name of a ServiceAccount, such as web");
      }
      Integer first = seen.putIfAbsent(account, i);
      if (first != null && namespace != null && name != null) {
        findings.error(
            field,
            ErrorType.DUPLICATE,
            Quoted.of(namespace + "/" + name) + ": the same as serviceAccounts[" + first + "]");
      }
    }
  }

  /** There is AUTH inside TLS only. */
  private static void judgeTls(SmtpConnectorSpec spec, Findings findings) {
    List<BridgeheadEntry> bridgeheads = spec.bridgeheads() == null ? List.of() : spec.bridgeheads();
    boolean any = bridgeheads.stream().anyMatch(AccessRules::hasTls);
    if (!spec.accessOrDefault().authenticates() || bridgeheads.isEmpty()) {
      return;
    }
    if (!any) {
      findings.error(
          spec.accessOrDefault().usersSecretRef() == null
              ? "spec.access.serviceAccounts"
              : "spec.access.usersSecretRef",
          ErrorType.FORBIDDEN,
          "needs virtualServer.tls of a bridgehead: nobody can log in without TLS");
      return;
    }
    for (int i = 0; i < bridgeheads.size(); i++) {
      if (bridgeheads.get(i) != null && !hasTls(bridgeheads.get(i))) {
        findings.warning(
            "spec.bridgeheads[" + i + "].virtualServer.tls",
            "absent: nobody can log in here, so that only allowedClients may relay");
      }
    }
  }

  private static boolean hasTls(@Nullable BridgeheadEntry bridgehead) {
    return bridgehead != null && bridgehead.virtualServerOrDefault().tls() != null;
  }

  /** Whoever is trusted may claim to be any client. */
  private static void judgePeers(
      String field, List<String> peers, String whose, List<String> clients, Findings findings) {
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i) != null) {
        String entry = field + "[" + i + "]";
        judgeRange(
                entry,
                peers.get(i),
                "must not be everybody, who could then claim to be any client: name the addresses"
                    + " of "
                    + whose,
                findings)
            .ifPresent(peer -> judgeOwnRights(entry, peer, clients, findings));
      }
    }
  }

  /** Where it names no client, one that should never have come so far may relay in its name. */
  private static void judgeOwnRights(
      String field, Cidr peer, List<String> clients, Findings findings) {
    for (int i = 0; i < clients.size(); i++) {
      if (clients.get(i) != null && range(clients.get(i)).filter(peer::overlaps).isPresent()) {
        findings.warning(
            field,
            "overlaps spec.access.allowedClients[%d], %s: what comes from there without a client's"
                    .formatted(i, Quoted.of(clients.get(i)))
                + " name may be relayed, whoever sent it");
        return;
      }
    }
  }

  private static Optional<Cidr> range(String text) {
    try {
      return Optional.of(Cidr.parse(text));
    } catch (IllegalArgumentException refused) {
      return Optional.empty(); // said of its own field
    }
  }

  /** The range; empty where it is refused. */
  private static Optional<Cidr> judgeRange(
      String field, String text, String ifAll, Findings findings) {
    try {
      Cidr range = Cidr.parse(text);
      if (range.prefix() > 0) {
        return Optional.of(range);
      }
      findings.invalid(field, text, ifAll);
    } catch (IllegalArgumentException refused) {
      findings.invalid(field, text, String.valueOf(refused.getMessage()));
    }
    return Optional.empty();
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
