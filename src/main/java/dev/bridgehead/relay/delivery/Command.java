package dev.bridgehead.relay.delivery;

/**
 * A line for the peer, without its line end.
 *
 * @param shown the same, fit for a log
 */
record Command(String line, String shown) {
  Command {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      // A line end inside a command would be another command.
      if (c < ' ' || c == 0x7f) {
        throw new IllegalArgumentException("a control character in a command");
      }
    }
  }

  static Command of(String line) {
    return new Command(line, line);
  }

  /** A command whose argument no log may show. */
  static Command secret(String verb, String argument) {
    return new Command(verb + argument, verb + "***");
  }
}
