package dev.bridgehead.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bridgehead operator}: runs until it is told to stop. */
@Command(
    name = "operator",
    description =
        "Runs the operator: turns a cluster's SmtpConnectors into relay pods. Outside of a pod it"
            + " reads KUBECONFIG, and admission is not judged.",
    mixinStandardHelpOptions = true)
final class OperatorCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--management-port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Port of /livez, /readyz and /metrics. Default: ${DEFAULT-VALUE}.")
  private int managementPort;

  @Option(
      names = "--webhook-port",
      paramLabel = "N",
      defaultValue = "8443",
      description = "Port of the admission webhook, in a pod. Default: ${DEFAULT-VALUE}.")
  private int webhookPort;

  @Override
  public Integer call() throws Exception {
    Options.checkPort(spec, "--management-port", managementPort);
    Options.checkPort(spec, "--webhook-port", webhookPort);
    OperatorProcess process = new OperatorProcess(System.getenv(), managementPort, webhookPort);
    try {
      process.start();
    } catch (RuntimeException | IOException e) {
      process.close();
      throw e;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  process.close();
                  Runtime.getRuntime().halt(0); // a stop that was asked for is no failure
                },
                "stop"));
    new CountDownLatch(1).await(); // the shutdown hook is the only way out
    return 0;
  }
}
