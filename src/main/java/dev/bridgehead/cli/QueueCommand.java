package dev.bridgehead.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bridgehead queue}: what a postmaster sees and does. */
@Command(
    name = "queue",
    description =
        "Shows a running relay's queue, and changes what is in it; checks a stopped one's spool.",
    footer = {
      "In a relay's pod, and where one relay runs in this folder, no option is needed.",
      "Exit codes: 0 done, 1 refused or failed, 2 wrong usage."
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      QueueListCommand.class,
      QueueShowCommand.class,
      QueueStatsCommand.class,
      QueueFlushCommand.class,
      QueueHoldCommand.class,
      QueueReleaseCommand.class,
      QueueRemoveCommand.class,
      QueueBounceCommand.class,
      QueueVerifyCommand.class,
      QueueExportCommand.class,
    })
final class QueueCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
  }
}
