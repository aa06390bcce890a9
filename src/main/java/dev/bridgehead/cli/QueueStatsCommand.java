package dev.bridgehead.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bridgehead queue stats}. */
@Command(
    name = "stats",
    description = "Counts the queue by state, and by its twenty largest destinations.",
    mixinStandardHelpOptions = true)
final class QueueStatsCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Mixin private final RelayConnection relay = new RelayConnection();
  @Mixin private final QueueOutput output = new QueueOutput();

  @Override
  public Integer call() throws IOException {
    output.print(
        spec.commandLine().getOut(),
        relay.get("/v1/queue/stats"),
        census -> QueueText.census(census, Instant.now()));
    return 0;
  }
}
