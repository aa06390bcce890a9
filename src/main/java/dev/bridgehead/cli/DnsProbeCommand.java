package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.dns.DnsResolver;
import dev.bridgehead.manifest.ManifestReader;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.routing.ElapsedTime;
import dev.bridgehead.relay.routing.NamedHosts;
import dev.bridgehead.relay.routing.OwnAddresses;
import dev.bridgehead.relay.routing.Router;
import dev.bridgehead.relay.sts.KeptPolicies;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.DomainName;
import dev.bridgehead.validation.Facts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bridgehead dns probe}: a domain's route, by the code that the relay routes with. */
@Command(
    name = "probe",
    description = {
      "Shows where a relay would send a domain's mail, and where not and why: mail exchangers,"
          + " addresses, DNSSEC, and what TLS each host has to show."
    },
    footer = "Exit codes: 0 there is a route, 1 there is none, 2 unreadable or wrong usage.",
    mixinStandardHelpOptions = true)
final class DnsProbeCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(paramLabel = "DOMAIN", description = "Behind the @ of a recipient.")
  private String domain = "";

  @Option(
      names = {"-f", "--filename"},
      arity = "1..*",
      paramLabel = "FILE",
      description = {
        "The connector to route by, and the Secrets and ConfigMaps it names. Default: by DNS, port"
            + " 25, all defaults."
      })
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--bridgehead",
      paramLabel = "NAME",
      description = "Which bridgehead, where the connector has several.")
  private @Nullable String bridgehead;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: text.")
  private OutputFormat format = OutputFormat.text;

  @Option(
      names = "--connect-to",
      paramLabel = "HOST1:PORT1:HOST2:PORT2",
      description = "As of run.")
  private List<String> connectTo = new ArrayList<>();

  @Option(
      names = "--cluster-domain",
      paramLabel = "DOMAIN",
      description = "DNS domain that names ending in .svc continue with. Default: cluster.local.")
  private String clusterDomain = Facts.DEFAULT_CLUSTER_DOMAIN;

  @Mixin private DnsOptions dnsOptions = new DnsOptions();

  @Override
  public Integer call() throws IOException {
    String name = canonical();
    ConnectTo rules = Options.connectTo(spec, connectTo);
    RelayConfig config = config();
    DnsResolver dns = new DnsResolver(dnsOptions.setup(spec, clusterDomain));
    OwnAddresses own = OwnAddresses.ofThisMachine();
    ElapsedTime clock = new ElapsedTime();
    Router router = new Router(() -> config, dns, rules, own, new SecureRandom(), clock);
    Probe probe =
        Probe.of(
            name,
            config,
            router.survey(name),
            dns,
            KeptPolicies.inMemory(
                KeptPolicies.Sources.of(dns, new NamedHosts(() -> config, dns, rules, own, clock)),
                Clock.systemUTC(),
                new SimpleMeterRegistry()));
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case json ->
          out.println(
              new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(probe.json()));
      case text -> probe.lines().forEach(out::println);
    }
    out.flush();
    return probe.mayGo() ? 0 : Main.EXIT_FAILED;
  }

  private String canonical() {
    try {
      if (AddressLiteral.isMeant(domain)) {
        AddressLiteral.parse(domain);
        return domain;
      }
      return DomainName.parse(domain).ascii();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "DOMAIN \"" + domain + "\": " + e.getMessage(), e);
    }
  }

  private RelayConfig config() throws IOException {
    if (files.isEmpty()) {
      return Probe.defaults(clusterDomain);
    }
    PrintWriter err = spec.commandLine().getErr();
    try {
      return RelayConfig.of(
          ManifestReader.connector(files, clusterDomain, err::println),
          "",
          bridgehead,
          clusterDomain,
          true);
    } finally {
      err.flush();
    }
  }
}
