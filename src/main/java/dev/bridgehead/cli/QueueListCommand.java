package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bridgehead queue ls}: prints as the relay answers, and keeps nothing. */
@Command(
    name = "ls",
    description = "Lists messages, the oldest first: a line for each destination of a message.",
    mixinStandardHelpOptions = true)
final class QueueListCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Mixin private final RelayConnection relay = new RelayConnection();
  @Mixin private final QueueFilters filters = new QueueFilters();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Lines at most; how many more there are is said at the end. Default: 1000.")
  private long limit = 1000;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text, or json: an object a line. Default: text.")
  private OutputFormat format = OutputFormat.text;

  @Override
  public Integer call() throws IOException {
    if (limit < 1) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--limit: must be 1 or more");
    }
    Map<String, String> asked = filters.asked();
    asked.put("limit", Long.toString(limit));
    PrintWriter out = spec.commandLine().getOut();
    boolean text = format == OutputFormat.text;
    ObjectMapper json = new ObjectMapper();
    long lines = 0;
    @Nullable JsonNode end = null;
    try (BufferedReader answer =
        new BufferedReader(
            new InputStreamReader(
                relay.get("/v1/queue/messages", asked), StandardCharsets.UTF_8))) {
      for (String line = answer.readLine(); line != null; line = answer.readLine()) {
        JsonNode entry = json.readTree(line);
        if (entry.has("more")) {
          end = entry;
          break;
        }
        if (text && lines == 0) {
          out.println(QueueText.heading());
        }
        out.println(text ? QueueText.line(entry, Instant.now()) : line);
        lines++;
      }
    }
    out.flush();
    return conclude(lines, end);
  }

  private int conclude(long lines, @Nullable JsonNode end) {
    PrintWriter err = spec.commandLine().getErr();
    if (end == null) {
      err.println("bridgehead queue ls: the relay's answer broke off");
    } else if (end.path("more").asLong() > 0) {
      boolean counted = !filters.asked().containsKey("from") && !filters.asked().containsKey("to");
      err.println(
          counted
              ? "and " + end.path("more").asLong() + " more: raise --limit, or select fewer"
              : "and more: raise --limit, or select fewer");
    } else if (lines == 0 && format == OutputFormat.text) {
      err.println("nothing in the queue" + (filters.asked().isEmpty() ? "" : " is selected"));
    }
    err.flush();
    return end == null ? Main.EXIT_FAILED : 0;
  }
}
