package dev.bridgehead.cli;

import java.io.IOException;
import java.io.InputStream;
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
  @Mixin private final QueueOutput output = new QueueOutput();

  @Parameters(paramLabel = "ID", description = "Its queue id.")
  private String id = "";

  @Option(names = "--content", description = "Print the message itself, octet by octet.")
  private boolean content;

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
    output.print(
        spec.commandLine().getOut(),
        relay.get(path),
        message -> QueueText.message(message, Instant.now()));
    return 0;
  }
}
