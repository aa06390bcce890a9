package dev.bridgehead.cli;

import picocli.CommandLine.Command;

/** {@code bridgehead queue hold}. */
@Command(
    name = "hold",
    description = "Keeps messages from being tried until they are released.",
    mixinStandardHelpOptions = true)
final class QueueHoldCommand extends QueueChange {
  QueueHoldCommand() {
    super("hold", "held");
  }
}
