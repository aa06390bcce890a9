package dev.bridgehead.cli;

import dev.bridgehead.relay.mail.QueueId;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Queue ids as arguments. */
final class QueueSelectionIds {
  private QueueSelectionIds() {}

  static String checked(CommandSpec spec, String id) {
    if (!QueueId.isOne(id)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "\"" + id + "\" is no queue id, such as 1KJMDEB80ZR3BCTH");
    }
    return id;
  }
}
