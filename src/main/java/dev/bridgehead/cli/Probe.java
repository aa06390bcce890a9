package dev.bridgehead.cli;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.Selection;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.policy.TlsPolicies;
import dev.bridgehead.relay.policy.TlsPolicy;
import dev.bridgehead.relay.routing.Route;
import dev.bridgehead.relay.routing.Survey;
import dev.bridgehead.relay.routing.Survey.Surveyed;
import dev.bridgehead.relay.sts.KeptPolicies;
import dev.bridgehead.relay.sts.StsPolicy;
import dev.bridgehead.validation.AddressSpacePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A domain's route in words. */
record Probe(
    String domain,
    RelayConfig config,
    Survey survey,
    KeptPolicies.@Nullable Finding sts,
    List<Host> hosts) {
  private static final String NO_HOST = "no host may be connected";

  /**
   * One host.
   *
   * @param tls what it has to show; null where it would not be connected anyway
   */
  record Host(Surveyed surveyed, @Nullable TlsPolicy tls) {
    boolean mayBeConnected() {
      return tls instanceof TlsPolicy.Permitted;
    }
  }

  /** Asks for policies as the relay would, without what a relay has kept of them. */
  static Probe of(
      String domain, RelayConfig config, Survey survey, Resolver dns, KeptPolicies sts) {
    TlsPolicies policies = new TlsPolicies(dns, sts);
    String policyDomain = survey.origin().domain();
    boolean asked = policyDomain != null && config.outgoing().tls() != TlsMode.NONE;
    List<Host> hosts =
        survey.hosts().stream()
            .map(host -> new Host(host, policy(host, survey, config, policies)))
            .toList();
    return new Probe(domain, config, survey, asked ? sts.find(domain) : null, hosts);
  }

  private static @Nullable TlsPolicy policy(
      Surveyed host, Survey survey, RelayConfig config, TlsPolicies policies) {
    return survey.hops().stream()
        .filter(hop -> hop.host().equals(host.name()) && hop.located().port() == host.port())
        .findFirst()
        .map(
            hop ->
                policies.of(
                    hop, survey.origin(), config.outgoing().tls(), TlsRequirement.UNSPECIFIED))
        .orElse(null);
  }

  /** Whether there is a next hop, and one that may be connected. */
  boolean mayGo() {
    return survey.none() == null && hosts.stream().anyMatch(Host::mayBeConnected);
  }

  /** Of a connector that says nothing but {@code mode: DNS}. */
  static RelayConfig defaults(String clusterDomain) {
    return new RelayConfig(
        new RelayConfig.Identity(
            "probe", "default", "probe", 0, "", "probe.invalid", clusterDomain, Set.of()),
        new RelayConfig.Listening(25, true, 1 << 20, true),
        new RelayConfig.Access(List.of(), true, null),
        new RelayConfig.Routes(
            RoutingMode.DNS,
            List.of(),
            Selection.ROUND_ROBIN,
            25,
            List.of(AddressSpacePattern.parse("*"))),
        new RelayConfig.Outgoing(TlsMode.OPPORTUNISTIC, List.of(), AddressFamily.ANY),
        new RelayConfig.Retry(List.of(Duration.ofMinutes(1)), Duration.ofDays(5)));
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(domain + ": " + way());
    if (!config.routes().carries(domain)) {
      lines.add("  not among the connector's address spaces: recipients there are refused");
    }
    if (sts != null) {
      lines.add("  MTA-STS: " + text(sts));
    }
    for (Host host : hosts) {
      add(host, lines);
    }
    Route none = survey.none();
    if (none != null) {
      lines.add("no route: " + verdict(none) + ": " + why(none).status() + " " + why(none).text());
    } else if (!mayGo()) {
      lines.add("no route: unresolved: 4.7.5 " + NO_HOST);
    }
    return lines;
  }

  private static String text(KeptPolicies.Finding sts) {
    StsPolicy policy = sts.policy();
    return policy == null
        ? "no policy: " + sts.remark()
        : "%s, mx %s: %s"
            .formatted(policy.mode().text(), String.join(", ", policy.mx()), sts.remark());
  }

  private String way() {
    Survey.Exchangers exchangers = survey.exchangers();
    if (exchangers == null) {
      return config.routes().mode() == RoutingMode.SMART_HOST
          ? "by smart hosts, " + config.routes().selection()
          : "an address";
    }
    String state = ", " + text(exchangers.dnssec());
    if (survey.none() instanceof Route.Unresolved && survey.hosts().isEmpty()) {
      return "no answer" + state;
    }
    if (exchangers.records() > 0) {
      return exchangers.records() + " MX record" + (exchangers.records() == 1 ? "" : "s") + state;
    }
    return (survey.hosts().isEmpty() ? "no MX record" : "no MX record, so the domain itself")
        + state;
  }

  private static void add(Host host, List<String> lines) {
    Surveyed surveyed = host.surveyed();
    Dnssec dnssec = surveyed.dnssec();
    lines.add(
        "  "
            + (surveyed.preference() == null ? "" : surveyed.preference() + " ")
            + surveyed.name()
            + (dnssec == null ? "" : ": addresses " + text(dnssec))
            + (surveyed.dropped() ? "; not tried: it is, or comes after, this server" : ""));
    surveyed
        .usable()
        .forEach(
            address ->
                lines.add(
                    "    " + address.getAddress().getHostAddress() + " port " + address.getPort()));
    surveyed.remarks().forEach(remark -> lines.add("    not connected: " + remark));
    TlsPolicy tls = host.tls();
    if (tls != null) {
      lines.add("    TLS: " + ProbedTls.text(tls) + ": " + tls.why());
      ProbedTls.records(tls).forEach(record -> lines.add("      TLSA " + record));
    }
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("domain", domain);
    json.put("mode", config.routes().mode() == RoutingMode.DNS ? "DNS" : "SmartHost");
    json.put("carried", config.routes().carries(domain));
    Survey.Exchangers exchangers = survey.exchangers();
    if (exchangers != null) {
      json.put(
          "exchangers",
          Map.of("records", exchangers.records(), "dnssec", state(exchangers.dnssec())));
    }
    if (sts != null) {
      StsPolicy policy = sts.policy();
      json.put(
          "mtaSts",
          policy == null
              ? Map.of("why", sts.remark())
              : Map.of("mode", policy.mode().text(), "mx", policy.mx(), "why", sts.remark()));
    }
    json.put("hosts", hosts.stream().map(Probe::json).toList());
    Route none = survey.none();
    json.put("route", mayGo() ? "found" : none == null ? "unresolved" : verdict(none));
    if (none == null && !mayGo()) {
      json.put("status", "4.7.5");
      json.put("reason", NO_HOST);
    }
    if (none != null) {
      json.put("status", why(none).status().toString());
      json.put("reason", why(none).text());
    }
    return json;
  }

  private static Map<String, Object> json(Host host) {
    Surveyed surveyed = host.surveyed();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", surveyed.name());
    if (surveyed.preference() != null) {
      json.put("preference", surveyed.preference());
    }
    json.put("port", surveyed.port());
    json.put(
        "addresses",
        surveyed.usable().stream().map(it -> it.getAddress().getHostAddress()).toList());
    json.put("notConnected", surveyed.remarks());
    json.put("tried", !surveyed.dropped());
    if (surveyed.dnssec() != null) {
      json.put("dnssec", state(surveyed.dnssec()));
    }
    if (host.tls() != null) {
      json.put("tls", ProbedTls.json(host.tls()));
    }
    return json;
  }

  private static String verdict(Route none) {
    return none instanceof Route.Refused ? "refused" : "unresolved";
  }

  private static Diagnostic why(Route none) {
    return switch (none) {
      case Route.Refused(Diagnostic why) -> why;
      case Route.Unresolved(Diagnostic why) -> why;
      case Route.Hops hops -> throw new IllegalArgumentException("there is a route: " + hops);
    };
  }

  private static String state(Dnssec dnssec) {
    return switch (dnssec) {
      case Dnssec.Secure() -> "secure";
      case Dnssec.Insecure() -> "insecure";
      case Dnssec.Bogus _ -> "bogus";
      case Dnssec.Indeterminate _ -> "indeterminate";
    };
  }

  private static String text(Dnssec dnssec) {
    return switch (dnssec) {
      case Dnssec.Secure() -> "secure (DNSSEC)";
      case Dnssec.Insecure() -> "insecure";
      case Dnssec.Bogus(String why) -> "bogus: " + why;
      case Dnssec.Indeterminate(String why) -> "DNSSEC indeterminate: " + why;
    };
  }
}
