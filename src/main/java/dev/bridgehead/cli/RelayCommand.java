package dev.bridgehead.cli;

import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.config.ConfigFolder;
import dev.bridgehead.relay.config.ConfigWatch;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.validation.Facts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bridgehead relay}: one relay in a pod. */
@Command(
    name = "relay",
    description = "Runs a relay in a pod: reads what the operator mounts, and takes changes over.",
    mixinStandardHelpOptions = true)
final class RelayCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "DIR",
      description = "Folder with connector.yaml and management-token.")
  private Path configFolder = Path.of("");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Folder that keeps accepted mail.")
  private Path data = Path.of("");

  @Option(
      names = "--cluster-domain",
      paramLabel = "DOMAIN",
      description =
          "DNS domain of the cluster, where the configuration says none. Default: cluster.local.")
  private String clusterDomain = Facts.DEFAULT_CLUSTER_DOMAIN;

  @Option(
      names = "--connect-to",
      paramLabel = "HOST1:PORT1:HOST2:PORT2",
      description = "Connect to HOST2:PORT2 where the next hop is HOST1:PORT1. For tests.")
  private List<String> connectTo = new ArrayList<>();

  @Option(
      names = "--management-port",
      paramLabel = "PORT",
      description = "Port of /livez, /readyz, /metrics and /v1/state. Default: 8080.")
  private int managementPort = 8080;

  @Mixin private DnsOptions dns = new DnsOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Options.checkPort(spec, "--management-port", managementPort);
    ConnectTo rules = Options.connectTo(spec, connectTo);
    Logger log = LoggerFactory.getLogger(RelayCommand.class);
    ConfigFolder folder = new ConfigFolder(configFolder, clusterDomain);
    CurrentConfig config = new CurrentConfig(folder.read());
    Relay relay =
        Serving.start(
            new RelaySetup(
                config,
                data,
                rules,
                null,
                false,
                new RelaySetup.Management(null, managementPort, folder::token),
                RelaySetup.Pod.named(System.getenv("POD_NAME")),
                dns.setup(spec, config.get().identity().clusterDomain())));
    ConfigWatch watch = new ConfigWatch(folder, config, relay.metrics());
    log.atInfo()
        .addKeyValue("connector", config.get().identity().connector())
        .addKeyValue("bridgehead", config.get().identity().bridgehead())
        .addKeyValue("generation", config.get().identity().generation())
        .addKeyValue("port", config.get().listening().port())
        .log("ready");
    return Serving.serve(
        relay,
        () -> {
          log.info("stopping");
          watch.close();
        });
  }
}
