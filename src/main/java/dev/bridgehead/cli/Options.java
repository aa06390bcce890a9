package dev.bridgehead.cli;

import dev.bridgehead.relay.routing.ConnectTo;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Options that several commands have, read the same way. */
final class Options {
  private Options() {}

  /** 0 is a free one. */
  static void checkPort(CommandSpec spec, String option, int port) {
    if (port < 0 || port > 65_535) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), option + ": " + port + ": must be a port from 1 to 65535");
    }
  }

  static ConnectTo connectTo(CommandSpec spec, List<String> options) {
    try {
      return ConnectTo.parse(options);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
