package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.bridgehead.relay.sts.StsPolicy.Mode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTextTest {
  private static final String GOOD =
      "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n";

  @Test
  void readsThePolicyOfTheRfc() throws PolicyFailure {
    String text =
        """
        version: STSv1
        mode: enforce
        mx: mail.example.com
        mx: *.example.net
        mx: backupmx.example.com
        max_age: 604800
        """;
    StsPolicy expected =
        new StsPolicy(
            Mode.ENFORCE,
            List.of("mail.example.com", "*.example.net", "backupmx.example.com"),
            Duration.ofSeconds(604_800));

    assertThat(read(text)).isEqualTo(expected);
    assertThat(read(text.replace("\n", "\r\n"))).isEqualTo(expected);
    assertThat(read(PolicyText.write(expected))).isEqualTo(expected);
  }

  static Stream<Arguments> tolerated() {
    return Stream.of(
        arguments("no line end at the end", GOOD.stripTrailing()),
        arguments(
            "fields in another order",
            "max_age:604800\nmx:mail.example.com\nmode:enforce\nversion:STSv1"),
        arguments("blanks behind", GOOD.replace("\n", " \t\n")),
        arguments("empty lines", GOOD.replace("\n", "\n\n \n")),
        arguments("both line ends", GOOD.replaceFirst("\n", "\r\n")),
        arguments("a tab behind the colon", GOOD.replace(": ", ":\t ")),
        arguments("an unknown field", GOOD + "x_9.-: anything at all, and ÄÖ\n"),
        arguments(
            "a second mode, version and age", GOOD + "mode: none\nmax_age: x\nversion: STSv1\n"),
        arguments(
            "an mx in capitals, with a dot",
            GOOD.replace("mail.example.com", "MAIL.Example.com.")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void tolerated(String what, String text) throws PolicyFailure {
    assertThat(read(text)).as(what).isEqualTo(read(GOOD));
  }

  static Stream<Arguments> refused() {
    String mx101 =
        IntStream.range(0, 101)
            .mapToObj(i -> "mx: mx" + i + ".test\n")
            .collect(Collectors.joining());
    return Stream.of(
        arguments("", "it has no version"),
        arguments("\n\n", "it has no version"),
        arguments("<html><body>Not here</body></html>", "line 1 is no field"),
        arguments(GOOD.replace("version: STSv1\n", ""), "it has no version"),
        arguments(GOOD.replace("STSv1", "STSv2"), "line 1 has another version than STSv1"),
        arguments(GOOD.replace("STSv1", "stsv1"), "line 1 has another version than STSv1"),
        arguments(GOOD.replace("mode: enforce\n", ""), "it has no mode"),
        arguments(GOOD.replace("enforce", "Enforce"), "line 2 has a mode that is none"),
        arguments(GOOD.replace("enforce", "enforce none"), "line 2 has a mode that is none"),
        arguments(GOOD.replace("mode:", "Mode:"), "it has no mode"),
        arguments(GOOD.replace("mode:", "mode :"), "line 2 is no field"),
        arguments(GOOD.replace("mode: enforce", "mode"), "line 2 is no field"),
        arguments(GOOD.replace("mode: enforce", "mode:"), "line 2 is no field"),
        arguments(GOOD.replace("mode", " mode"), "line 2 is no field"),
        arguments(GOOD.replace("\n", "\r"), "line 1 is no field"),
        arguments(GOOD.replace("enforce", "enforce\0"), "line 2 is no field"),
        arguments("\uFEFF" + GOOD, "line 1 is no field"),
        arguments(GOOD.replace("mx: mail.example.com\n", ""), "it has mode enforce and no mx"),
        arguments(
            GOOD.replace("mx: mail.example.com\n", "").replace("enforce", "testing"),
            "it has mode testing and no mx"),
        arguments(GOOD.replace("mail.example.com", "192.0.2.1"), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "[192.0.2.1]"), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "*"), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "*."), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "*.*.example.com"), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "m*.example.com"), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "a..example.com"), "line 3 has an mx"),
        arguments(
            GOOD.replace("mail.example.com", "a.example.com, b.example.com"), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "bücher.example.com"), "line 3 has an mx"),
        arguments(GOOD.replace("mail.example.com", "a.".repeat(127) + "test"), "line 3 has an mx"),
        arguments(GOOD + mx101, "line 104 is one mx too many: 100 are read"),
        arguments(GOOD.replace("max_age: 604800\n", ""), "it has no max_age"),
        arguments(GOOD.replace("604800", "-1"), "line 4 has a max_age"),
        arguments(GOOD.replace("604800", "1.5"), "line 4 has a max_age"),
        arguments(GOOD.replace("604800", "31557601"), "line 4 has a max_age"),
        arguments(GOOD.replace("604800", "99999999999999999999"), "line 4 has a max_age"),
        arguments(GOOD.replace("604800", "\u0661"), "line 4 has a max_age"),
        arguments(GOOD + "x: " + "y".repeat(1022), "line 5 is longer than 1024 characters"),
        arguments(GOOD + "\n".repeat(64 << 10), "it is longer than 65536 octets"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  @DisplayName("case 18: what is no policy is none, and says why in one line")
  void refusesWhatIsNoPolicy(String text, String why) {
    assertThatExceptionOfType(PolicyFailure.class)
        .isThrownBy(() -> read(text))
        .satisfies(e -> assertThat(e.text()).startsWith(why).doesNotContain("\n"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(PolicyFailure.Reason.INVALID));
  }

  @Test
  void refusesWhatIsNotUtf8() {
    byte[] octets = (GOOD + "x: ä").getBytes(StandardCharsets.ISO_8859_1);
    assertThatExceptionOfType(PolicyFailure.class)
        .isThrownBy(() -> PolicyText.read(octets))
        .withMessage("it is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 31_557_600})
  void takesEveryAgeOfAYear(long seconds) throws PolicyFailure {
    assertThat(read(GOOD.replace("604800", Long.toString(seconds))).maxAge())
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void aPolicyThatIsWithdrawnNeedsNoExchanger() throws PolicyFailure {
    assertThat(read("version: STSv1\nmode: none\nmax_age: 86400"))
        .isEqualTo(new StsPolicy(Mode.NONE, List.of(), Duration.ofDays(1)));
  }

  /** Whatever comes in: a policy that reads the same once written, or one line. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  @DisplayName("case 18: random policies are read for what they say, or refused")
  void randomOnesAreReadOrRefused(long seed) {
    Random random = new Random(seed);
    int read = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] octets = mutated(random);
      try {
        StsPolicy policy = PolicyText.read(octets);
        assertThat(PolicyText.read(PolicyText.write(policy).getBytes(StandardCharsets.UTF_8)))
            .as("seed %d round %d", seed, round)
            .isEqualTo(policy);
        assertThat(policy.mx().size()).isLessThanOrEqualTo(PolicyText.MOST_MX);
        read++;
      } catch (PolicyFailure e) {
        assertThat(e.text()).as("seed %d round %d", seed, round).matches("[ -~]{1,300}");
      }
    }
    assertThat(read).isGreaterThan(1000);
  }

  private static byte[] mutated(Random random) {
    String[] lines =
        (GOOD + "mx: *.example.net\nversion: STSv1\nmode: none\nx: y\n").split("(?<=\n)");
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      if (random.nextInt(8) > 0) {
        text.append(random.nextInt(8) == 0 ? line.repeat(random.nextInt(4)) : line);
      }
    }
    byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(3); i > 0 && octets.length > 0; i--) {
      octets[random.nextInt(octets.length)] =
          (byte)
              (random.nextBoolean() ? "\r\n :*.\t0aä".charAt(random.nextInt(9)) : random.nextInt());
    }
    return octets;
  }

  private static StsPolicy read(String text) throws PolicyFailure {
    return PolicyText.read(text.getBytes(StandardCharsets.UTF_8));
  }
}
