package dev.bridgehead.cli;

import dev.bridgehead.relay.auth.Scram;
import dev.bridgehead.validation.StoredPassword;
import dev.bridgehead.validation.UserList;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bridgehead user-hash}: a line for the list of users. */
@Command(
    name = "user-hash",
    description = {
      "Reads a password from stdin and prints the user's line for the key \"users\" of a"
          + " connector's spec.access.usersSecretRef."
    },
    footer = "Exit codes: 0 printed, 2 unreadable or wrong usage.",
    mixinStandardHelpOptions = true)
final class UserHashCommand implements Callable<Integer> {
  private static final int MOST_OCTETS = 1024;
  private static final int SALT_OCTETS = 16;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "The user's name, such as shop@example.com.")
  private String name = "";

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = {
        "What one guess of the password costs, and each login with PLAIN: 4096 to 600000. Default:"
            + " ${DEFAULT-VALUE}."
      },
      defaultValue = "15000")
  private int iterations;

  @Override
  public Integer call() throws IOException {
    if (iterations < StoredPassword.MIN_ITERATIONS || iterations > StoredPassword.MAX_ITERATIONS) {
      throw wrong("--iterations: " + iterations + ": must be from 4096 to 600000", null);
    }
    String prepared;
    try {
      prepared = UserList.name(name);
    } catch (IllegalArgumentException refused) {
      throw wrong("NAME: " + refused.getMessage(), refused);
    }
    byte[] salt = new byte[SALT_OCTETS];
    new SecureRandom().nextBytes(salt);
    StoredPassword stored;
    try {
      stored = Scram.store(password(), salt, iterations);
    } catch (IllegalArgumentException refused) {
      throw wrong("the password " + refused.getMessage(), refused);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(prepared + ":" + stored.text());
    out.flush();
    return 0;
  }

  /** The first line; typed at a terminal, it is not shown. */
  private String password() throws IOException {
    if (System.console() != null && System.console().isTerminal()) {
      char[] typed = System.console().readPassword("Password: ");
      return typed == null ? "" : new String(typed);
    }
    byte[] octets = System.in.readNBytes(MOST_OCTETS + 1);
    if (octets.length > MOST_OCTETS) {
      throw new IllegalArgumentException("must be of at most " + MOST_OCTETS + " octets");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
      String line = text.replaceFirst("\r?\n\\z", ""); // what echo adds
      if (line.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("must be a single line");
      }
      return line;
    } catch (CharacterCodingException notText) {
      throw new IllegalArgumentException("must be UTF-8 text", notText);
    }
  }

  private CommandLine.ParameterException wrong(String text, @Nullable Exception cause) {
    return new CommandLine.ParameterException(spec.commandLine(), text, cause);
  }
}
