package dev.bridgehead.interop;

import dev.bridgehead.testbed.Command;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a client says became of a {@link Letter}.
 *
 * @param accepted whether the message was taken for at least one recipient
 * @param refused the recipients that it knows to be refused
 * @param said all that it wrote
 */
record Submitted(boolean accepted, List<String> refused, String said) {
  private static final Pattern REFUSED = Pattern.compile("(?m)^refused (.*)$");

  /** Copies what it is given. */
  Submitted {
    refused = List.copyOf(refused);
  }

  /** Of a program that ends with status 0 where it was accepted. */
  static Submitted by(Command.Result result) {
    return by(result, REFUSED);
  }

  /**
   * @param pattern what it writes of a refused recipient, the address being its first group
   */
  static Submitted by(Command.Result result, Pattern pattern) {
    String said = result.out() + result.err();
    List<String> refused = pattern.matcher(said).results().map(it -> it.group(1)).toList();
    return new Submitted(result.status() == 0, refused, said);
  }
}
