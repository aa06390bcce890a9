package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.validation.UserList;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserHashCommandTest {
  private final InputStream stdin = System.in;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void restoreStdin() {
    System.setIn(stdin);
  }

  private int run(String input, String... arguments) {
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void printsALineForTheListOfUsers() {
    assertThat(run("correct horse\n", "user-hash", "shop@example.com")).isZero();

    UserList list = UserList.parse(out.toString());
    assertThat(list.faults()).isEmpty();
    assertThat(list.users()).containsOnlyKeys("shop@example.com");
    assertThat(list.users().values().iterator().next().iterations()).isEqualTo(15_000);
    assertThat(out.toString()).hasLineCount(1).doesNotContain("horse");
  }

  @Test
  void everyLineHasASaltOfItsOwn() {
    run("same", "user-hash", "a", "--iterations", "4096");
    String first = out.toString();
    run("same", "user-hash", "a", "--iterations", "4096");

    assertThat(out.toString().substring(first.length())).isNotEqualTo(first).startsWith("a:SCRAM");
  }

  @ParameterizedTest
  @CsvSource({
    "'', a, 15000, the password must not be empty",
    "'\n', a, 15000, the password must not be empty",
    "'a\nb', a, 15000, the password must be a single line",
    "'a\tb', a, 15000, the password must not hold control characters",
    "x, a:b, 15000, NAME: must have a name without a colon",
    "x, '', 15000, NAME: has a name that must not be empty",
    "x, a, 4095, '--iterations: 4095: must be from 4096 to 600000'",
  })
  void refusesInOneLine(String password, String name, String iterations, String message) {
    assertThat(run(password, "user-hash", name, "--iterations", iterations)).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).hasLineCount(1).startsWith("bridgehead user-hash: " + message);
  }
}
