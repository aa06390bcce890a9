package dev.bridgehead.testbed;

/** The {@code helm} that the test bed built. */
public final class Helm {
  private Helm() {}

  /** {@code helm} without a cluster: for lint and template. */
  public static Command command(String... arguments) {
    return Command.of(Script.run("build").resolve("helm").toString()).with(arguments);
  }
}
