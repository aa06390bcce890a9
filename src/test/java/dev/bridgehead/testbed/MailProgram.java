package dev.bridgehead.testbed;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How one kind of mail server is set up in a folder, and run there. */
interface MailProgram {
  /** For logs and folders. */
  String name();

  /** The system user that owns what it delivers. */
  String user();

  /**
   * Writes its configuration. The folder has {@code certificate} and {@code key}, and a {@code
   * mail} and a {@code state} that belong to its user.
   *
   * @param onward where mail for the domains of {@link Onward} goes; null: into the Maildir too
   */
  void configure(Path folder, int port, @Nullable Onward onward) throws IOException;

  /** Runs it in the foreground. */
  Command command(Path folder);

  /** Where in the folder it logs; empty: on standard output only. */
  default String logFile() {
    return "";
  }
}
