package dev.bridgehead.cli;

import dev.bridgehead.manifest.ManifestException;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program: {@code bridgehead COMMAND}. */
@Command(
    name = "bridgehead",
    description = "SMTP connectors for Kubernetes: accepts mail, keeps it on disk, delivers it.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DnsCommand.class,
      OperatorCommand.class,
      QueueCommand.class,
      RelayCommand.class,
      RunCommand.class,
      SendCommand.class,
      UserHashCommand.class,
      ValidateCommand.class,
    })
public final class Main implements Runnable {
  /** Usage or unreadable input. */
  static final int EXIT_USAGE = 2;

  /** Refused or failed. */
  static final int EXIT_FAILED = 1;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  private Main() {}

  public static void main(String[] args) {
    // What is printed, stored and parsed is the same in every language: digits are ASCII.
    Locale.setDefault(Locale.ROOT);
    Logging.begin();
    System.exit(commandLine().execute(args));
  }

  /**
   * The whole command line; a failure is one line on stderr, never a stack trace or a page of
   * usage.
   */
  static CommandLine commandLine() {
    CommandLine commands = new CommandLine(new Main());
    sayVersion(commands);
    return commands
        .setParameterExceptionHandler(
            (wrong, args) -> {
              String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
              PrintWriter err = wrong.getCommandLine().getErr();
              err.println(name + ": " + wrong.getMessage() + " (see " + name + " --help)");
              err.flush();
              return EXIT_USAGE;
            })
        .setExecutionExceptionHandler(
            (failure, command, result) -> {
              PrintWriter err = command.getErr();
              if (failure instanceof ManifestException manifest) {
                err.println(manifest.getMessage()); // each line says its file
                err.flush();
                return manifest.isUnreadable() ? EXIT_USAGE : EXIT_FAILED;
              }
              String message = failure.getMessage();
              err.println("bridgehead: " + (message == null ? failure.toString() : message));
              err.flush();
              return EXIT_FAILED;
            });
  }

  private static void sayVersion(CommandLine command) {
    command.getCommandSpec().versionProvider(Main::version);
    command.getSubcommands().values().forEach(Main::sayVersion);
  }

  /** The jar's; classes outside of one have none. */
  private static String[] version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {"bridgehead " + (version == null ? "(not packaged)" : version)};
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
  }
}
