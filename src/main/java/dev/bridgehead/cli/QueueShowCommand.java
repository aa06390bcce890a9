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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bridgehead queue show}: one message. */
@Command(
    name = "show",
    description = "Shows a message's envelope and how each recipient stands, or its content.",
    mixinStandardHelpOptions = true)
final class QueueShowCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Mixin private final RelayConnection relay = new RelayConnection();

  @Parameters(paramLabel = "ID", description = "Its queue id.")
  private String id = "";

  @Option(names = "--content", description = "Print the message itself, octet by octet.")
  private boolean content;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: text.")
  private QueueCommand.Format format = QueueCommand.Format.text;

  @Override
  public Integer call() throws IOException {
    String path = "/v1/queue/messages/" + QueueSelectionIds.checked(spec, id);
    if (content) {
      try (InputStream octets = relay.get(path + "/content", Map.of())) {
        octets.transferTo(System.out);
        System.out.flush();
      }
      return 0;
    }
    PrintWriter out = spec.commandLine().getOut();
    ObjectMapper json = new ObjectMapper();
    try (InputStream answer = relay.get(path, Map.of())) {
      JsonNode message = json.readTree(answer);
      if (format == QueueCommand.Format.json) {
        out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(message));
      } else {
        QueueText.message(message, Instant.now()).forEach(out::println);
      }
    }
    out.flush();
    return 0;
  }
}
