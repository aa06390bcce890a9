package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressSpacePatternTest {
  @ParameterizedTest
  @CsvSource({
    "*, example.com, true",
    "*, localhost, true",
    "example.com, example.com, true",
    "example.com, EXAMPLE.com., true",
    "example.com, sub.example.com, false",
    "example.com, badexample.com, false",
    "*.example.com, example.com, true",
    "*.example.com, a.b.Example.com, true",
    "*.example.com, badexample.com, false",
    "*.Bücher.example, a.xn--bcher-kva.example, true",
    "xn--bcher-kva.example, bücher.example, true",
    "*.net, example.net, true",
    "intranet, INTRANET, true",
  })
  void matchesAsInExchange(String pattern, String domain, boolean matches) {
    assertThat(AddressSpacePattern.parse(pattern).matches(domain)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*.",
        "*name",
        "*example.com",
        "a.*.b",
        "**",
        "*.*",
        "*.*.example.com",
        "example.*",
        "a..b",
        " *",
        "* ",
        "@example.com",
        "[192.0.2.1]",
        "-a.example",
        "user@example.com"
      })
  void refusesOtherUsesOfTheStarAndWhatIsNoName(String pattern) {
    assertThatIllegalArgumentException().isThrownBy(() -> AddressSpacePattern.parse(pattern));
  }
}
