package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @ParameterizedTest
  @ValueSource(strings = {"--version", "run --version", "validate -V"})
  void everyCommandTellsItsVersion(String line) {
    StringWriter out = new StringWriter();
    int code = Main.commandLine().setOut(new PrintWriter(out)).execute(line.split(" "));

    assertThat(out.toString()).startsWith("bridgehead ").hasLineCount(1);
    assertThat(code).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nix", "--nix"})
  void whatIsNoCommandIsOneLineAndCode2(String line) {
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine()
            .setErr(new PrintWriter(err))
            .execute(
                List.of(line.split(" ")).stream().filter(w -> !w.isEmpty()).toArray(String[]::new));

    assertThat(err.toString()).startsWith("bridgehead: ").hasLineCount(1);
    assertThat(code).isEqualTo(Main.EXIT_USAGE);
  }
}
