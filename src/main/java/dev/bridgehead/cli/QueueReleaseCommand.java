package dev.bridgehead.cli;

import picocli.CommandLine.Command;

/** {@code bridgehead queue release}. */
@Command(
    name = "release",
    description = "Has held messages tried now.",
    mixinStandardHelpOptions = true)
final class QueueReleaseCommand extends QueueChange {
  QueueReleaseCommand() {
    super("release", "released");
  }
}
