package dev.bridgehead.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The option that says how a relay's answer is printed. */
final class QueueOutput {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: text.")
  private OutputFormat format = OutputFormat.text;

  /**
   * Prints a whole answer.
   *
   * @param lines says it as text
   */
  void print(PrintWriter out, JsonNode answer, Function<JsonNode, List<String>> lines)
      throws JsonProcessingException {
    switch (format) {
      case json ->
          out.println(
              new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(answer));
      case text -> lines.apply(answer).forEach(out::println);
    }
    out.flush();
  }
}
