package dev.bridgehead.cli;

import dev.bridgehead.manifest.ConnectorManifest;
import dev.bridgehead.manifest.ManifestReader;
import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.validation.Facts;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bridgehead run}: a connector's relay on this machine, without a cluster. */
@Command(
    name = "run",
    description =
        "Runs a connector's relay on this machine, from the manifest a cluster would get.",
    footer = "Exit codes: 0 stopped as asked, 1 refused or failed, 2 unreadable or wrong usage.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = {
        "YAML or JSON with exactly one SmtpConnector, and the Secrets and ConfigMaps it names;"
            + " - is stdin. May be given again."
      })
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--bridgehead",
      paramLabel = "NAME",
      description = "Which bridgehead to run, where the connector has several.")
  private @Nullable String bridgehead;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder that keeps accepted mail. Default: ./bridgehead-data/<connector>.")
  private @Nullable Path data;

  @Option(
      names = "--capture",
      paramLabel = "DIR",
      description = "Deliver everything into this Maildir instead of the network.")
  private @Nullable Path capture;

  @Option(
      names = "--connect-to",
      paramLabel = "HOST1:PORT1:HOST2:PORT2",
      description = {
        "Connect to HOST2:PORT2 where the next hop is HOST1:PORT1, as curl does. Empty fields match"
            + " all, and keep. May be given again."
      })
  private List<String> connectTo = new ArrayList<>();

  @Option(
      names = "--management-port",
      paramLabel = "PORT",
      description = {
        "Port on loopback of /livez, /readyz, /metrics and /v1/state. Default: a free one."
      })
  private int managementPort;

  @Option(
      names = "--cluster-domain",
      paramLabel = "DOMAIN",
      description = "DNS domain that names ending in .svc continue with. Default: cluster.local.")
  private String clusterDomain = Facts.DEFAULT_CLUSTER_DOMAIN;

  @Mixin private DnsOptions dns = new DnsOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Options.checkPort(spec, "--management-port", managementPort);
    ConnectTo rules = Options.connectTo(spec, connectTo);
    PrintWriter err = spec.commandLine().getErr();
    ConnectorManifest manifest = ManifestReader.connector(files, clusterDomain, err::println);
    RelayConfig.leftOutOnALaptop(manifest).forEach(err::println);
    err.flush();
    RelayConfig config = RelayConfig.of(manifest, "", bridgehead, clusterDomain, true);
    Path folder = data == null ? Path.of("bridgehead-data", manifest.name()) : data;
    Laptop laptop = Laptop.in(folder);
    Relay relay =
        Serving.start(
            new RelaySetup(
                new CurrentConfig(config),
                folder,
                rules,
                capture,
                true,
                new RelaySetup.Management(
                    InetAddress.getLoopbackAddress(), managementPort, laptop::token),
                RelaySetup.Pod.NONE,
                dns.setup(spec, clusterDomain)));
    laptop.write(relay.managementPort());
    PrintWriter out = spec.commandLine().getOut();
    out.println(new Greeting(config, relay, laptop, folder, capture).text());
    out.flush();
    return Serving.serve(relay, () -> {});
  }
}
