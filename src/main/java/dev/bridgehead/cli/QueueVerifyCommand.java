package dev.bridgehead.cli;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.NoSpoolException;
import dev.bridgehead.relay.spool.OfflineSpool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bridgehead queue verify}: reads every octet of a stopped relay's spool. */
@Command(
    name = "verify",
    description = "Checks the spool of a relay that is stopped, without changing it.",
    footer = "Exit codes: 0 sound, 1 damaged or in use, 2 no spool or wrong usage.",
    mixinStandardHelpOptions = true)
final class QueueVerifyCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description = "The folder that the relay had as --data, or its folder spool.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (OfflineSpool spool = OfflineSpool.open(folder)) {
      List<String> faults = new ArrayList<>(spool.faults());
      List<QueueId> messages = spool.messages();
      for (QueueId id : messages) {
        check(spool, id, faults);
      }
      faults.forEach(out::println);
      spool.remarks().forEach(out::println);
      out.printf(
          "%d messages, %d octets, in %d segments: %s%n",
          messages.size(),
          spool.liveBytes(),
          spool.segments(),
          faults.isEmpty() ? "sound" : "damaged, see above");
      out.flush();
      return faults.isEmpty() ? 0 : Main.EXIT_FAILED;
    } catch (NoSpoolException e) {
      spec.commandLine().getErr().println(e.getMessage());
      spec.commandLine().getErr().flush();
      return Main.EXIT_USAGE;
    }
  }

  private static void check(OfflineSpool spool, QueueId id, List<String> faults) {
    try (InputStream content = spool.content(id)) {
      spool.message(id);
      content.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      faults.add(id + ": " + e.getMessage());
    }
  }
}
