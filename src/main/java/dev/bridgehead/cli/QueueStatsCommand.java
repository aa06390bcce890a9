package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: text.")
  private QueueCommand.Format format = QueueCommand.Format.text;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ObjectMapper json = new ObjectMapper();
    try (InputStream answer = relay.get("/v1/queue/stats", Map.of())) {
      JsonNode census = json.readTree(answer);
      if (format == QueueCommand.Format.json) {
        out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(census));
      } else {
        QueueText.census(census, Instant.now()).forEach(out::println);
      }
    }
    out.flush();
    return 0;
  }
}
