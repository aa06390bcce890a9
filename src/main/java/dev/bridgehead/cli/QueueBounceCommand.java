package dev.bridgehead.cli;

import picocli.CommandLine.Command;

/** {@code bridgehead queue bounce}. */
@Command(
    name = "bounce",
    description = "Returns messages to their senders with a notice.",
    mixinStandardHelpOptions = true)
final class QueueBounceCommand extends QueueChange {
  QueueBounceCommand() {
    super("bounce", "returned");
  }
}
