package dev.bridgehead.cli;

import picocli.CommandLine.Command;

/** {@code bridgehead queue flush}. */
@Command(
    name = "flush",
    description = "Has messages tried now, and forgets that their hosts did not answer.",
    mixinStandardHelpOptions = true)
final class QueueFlushCommand extends QueueChange {
  QueueFlushCommand() {
    super("flush", "flushed");
  }
}
