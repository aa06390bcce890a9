package dev.bridgehead.testbed;

import java.nio.file.Path;

/**
 * Programs that submit mail: unpacked by {@code src/testbed/mail-peers}, or run by an interpreter
 * that {@code src/testbed/mail-clients} sees to.
 */
public final class MailClients {
  private MailClients() {}

  /** swaks, run by the machine's Perl. */
  public static Command swaks() {
    folder();
    Path script = MailPeers.folder().resolve("usr/bin/swaks");
    return MailPeers.environment(Command.of("perl", script.toString()))
        .withVariable("PERL5LIB", MailPeers.line("perl-path"));
  }

  /** Debian's curl, whichever the machine has. */
  public static Command curl() {
    return MailPeers.program("usr/bin/curl");
  }

  /** msmtp, which reads no configuration. */
  public static Command msmtp() {
    return MailPeers.program("usr/bin/msmtp").with("--file=/dev/null");
  }

  /** The machine's Python, with a program. */
  public static Command python(String program) {
    folder();
    return Command.of("python3", "-c", program);
  }

  /** The Node of the test bed, with a program; it finds nodemailer. */
  public static Command node(String program) {
    Path folder = folder();
    return Command.of(folder.resolve("node").toString(), "-e", program)
        .withVariable("NODE_PATH", folder.resolve("node_modules").toString());
  }

  static Path folder() {
    return Script.built("mail-clients");
  }
}
