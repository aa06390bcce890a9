package dev.bridgehead.validation;

import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.Routing;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Mode and smart hosts as a whole: which mode has any, and none of them twice. */
final class RoutingRules {
  private static final String FIELD = "spec.routing.smartHosts";

  private RoutingRules() {}

  static void judge(String connector, SmtpConnectorSpec spec, Facts facts, Findings findings) {
    Routing routing = spec.routing();
    if (routing == null) {
      return;
    }
    List<SmartHost> hosts = routing.smartHostsOrNone();
    judgeMode(routing, hosts, findings);
    TreeSet<Integer> defaultPorts = defaultPorts(spec);
    var rules = new SmartHostRules(spec, new OwnNames(connector, spec, facts), facts, defaultPorts);
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < hosts.size(); i++) {
      SmartHost host = hosts.get(i);
      if (host != null) {
        String field = FIELD + "[" + i + "]";
        rules.judge(field, host, findings);
        judgeRepetition(field, i, host, defaultPorts, seen, findings);
      }
    }
  }

  private static void judgeMode(Routing routing, List<SmartHost> hosts, Findings findings) {
    if (routing.mode() == RoutingMode.SMART_HOST && hosts.isEmpty()) {
      findings.error(
          FIELD, ErrorType.REQUIRED, "mode SmartHost needs at least one smart host to forward to");
    }
    if (routing.mode() == RoutingMode.DNS && !hosts.isEmpty()) {
      findings.error(
          FIELD,
          ErrorType.FORBIDDEN,
          "mode DNS routes by MX; use mode SmartHost, or leave smartHosts out");
    }
    if (routing.mode() == RoutingMode.SMART_HOST && routing.allowPrivateAddressesOrDefault()) {
      findings.error(
          "spec.routing.allowPrivateAddresses",
          ErrorType.FORBIDDEN,
          "only with mode DNS: smart hosts may have private addresses anyway; leave it out");
    }
  }

  /** What a smart host without a port gets, from each bridgehead. */
  private static TreeSet<Integer> defaultPorts(SmtpConnectorSpec spec) {
    TreeSet<Integer> ports = new TreeSet<>();
    for (BridgeheadEntry bridgehead : Present.of(spec.bridgeheads())) {
      ports.add(bridgehead.virtualServerOrDefault().outboundPortOrDefault());
    }
    if (ports.isEmpty()) {
      ports.add(25);
    }
    return ports;
  }

  private static void judgeRepetition(
      String field,
      int index,
      SmartHost host,
      TreeSet<Integer> defaultPorts,
      Map<String, Integer> seen,
      Findings findings) {
    if (host.host() == null) {
      return;
    }
    String name = SmartHostRules.canonical(host.host());
    boolean reported = false;
    for (int port : host.port() == null ? defaultPorts : List.of(host.port())) {
      String target = name + ":" + port;
      Integer first = seen.putIfAbsent(target, index);
      if (first != null && first != index && !reported) {
        reported = true;
        findings.error(
            field,
            ErrorType.DUPLICATE,
            Quoted.of(target) + ": the same host and port as smartHosts[" + first + "]");
      }
    }
  }
}
