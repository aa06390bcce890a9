package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands that change the queue share: which messages, and what is said at the end. */
abstract class QueueChange implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Mixin private final RelayConnection relay = new RelayConnection();
  @Mixin private final QueueOutput output = new QueueOutput();
  @Mixin private final QueueFilters filters = new QueueFilters();

  @Parameters(arity = "0..*", paramLabel = "ID", description = "Queue ids.")
  private List<String> ids = new ArrayList<>();

  @Option(names = "--all", description = "The whole queue.")
  private boolean all;

  private final String command;
  private final String done;

  /**
   * @param command its name in the API
   * @param done what was done, after a number of messages
   */
  QueueChange(String command, String done) {
    this.command = command;
    this.done = done;
  }

  @Override
  public final Integer call() throws IOException {
    JsonNode result = relay.post("/v1/queue/" + command, asked());
    output.print(spec.commandLine().getOut(), result, this::counted);
    return left(result);
  }

  private List<String> counted(JsonNode result) {
    long count = result.path("done").asLong();
    return List.of(count + (count == 1 ? " message " : " messages ") + done);
  }

  private ObjectNode asked() {
    Map<String, String> filtered = filters.asked();
    int ways = (ids.isEmpty() ? 0 : 1) + (filtered.isEmpty() ? 0 : 1) + (all ? 1 : 0);
    if (ways != 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "say which messages, in one way: queue ids, or --destination, --from, --to or --state, or --all");
    }
    ObjectNode asked = new ObjectMapper().createObjectNode();
    if (all) {
      asked.put("all", true);
    }
    filtered.forEach(asked::put);
    if (!ids.isEmpty()) {
      ids.forEach(asked.putArray("ids")::add);
      ids.forEach(id -> QueueSelectionIds.checked(spec, id));
    }
    return asked;
  }

  /** Says what was left as it was; the exit code. */
  private int left(JsonNode result) {
    PrintWriter err = spec.commandLine().getErr();
    for (JsonNode id : result.path("missing")) {
      err.println(id.asText() + ": not in the queue, or nothing in it to be " + done);
    }
    for (JsonNode id : result.path("active")) {
      err.println(id.asText() + ": is being delivered right now: try again");
    }
    long more = result.path("actives").asLong() - result.path("active").size();
    if (more > 0) {
      err.println("and " + more + " more are being delivered right now: try again");
    }
    long failed = result.path("failed").asLong();
    if (failed > 0) {
      err.println(failed + " could not be " + done + ": see the relay's log");
    }
    long partly = result.path("partly").asLong();
    if (partly > 0) {
      err.println(partly + " could only in part be " + done + ": see the relay's log");
    }
    err.flush();
    boolean whole = result.path("missing").isEmpty() && more == 0 && failed + partly == 0;
    return whole && result.path("active").isEmpty() ? 0 : Main.EXIT_FAILED;
  }
}
