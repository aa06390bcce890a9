package dev.bridgehead.cli;

import picocli.CommandLine.Command;

/** {@code bridgehead queue rm}. */
@Command(
    name = "rm",
    description = "Removes messages; nobody is told.",
    mixinStandardHelpOptions = true)
final class QueueRemoveCommand extends QueueChange {
  QueueRemoveCommand() {
    super("rm", "removed");
  }
}
