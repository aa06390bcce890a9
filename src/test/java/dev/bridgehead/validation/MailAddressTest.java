package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailAddressTest {
  @ParameterizedTest
  @CsvSource({
    "postmaster@example.com, postmaster@example.com",
    "Post.Master+x@Example.COM., Post.Master+x@example.com",
    "postmaster@bücher.example, postmaster@xn--bcher-kva.example",
    "\"a b\"@example.com, \"a b\"@example.com",
    "\"a\\\"@b\"@example.com, \"a\\\"@b\"@example.com",
    "\"\"@example.com, \"\"@example.com",
  })
  void readsAddressesAtFullyQualifiedDomains(String text, String address) {
    assertThat(MailAddress.parse(text)).hasToString(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "postmaster",
        "postmaster@",
        "@example.com",
        "postmaster@localhost",
        "postmaster@[192.0.2.1]",
        "<postmaster@example.com>",
        "Post Master <postmaster@example.com>",
        "post master@example.com",
        "post..master@example.com",
        ".postmaster@example.com",
        "postmaster.@example.com",
        "a@b@example.com",
        "a@b.example,c@d.example",
        "\"a@example.com",
        "\"a\"b\"@example.com",
        "\"a\\\"@example.com",
        "\"@example.com",
        "post\u00a0master@example.com",
        "postmaster@example.com\r\nRCPT TO:<x@y.example>",
        "pöstmaster@example.com",
      })
  void refusesWhatIsNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MailAddress.parse(text))
        .withMessageStartingWith("must be a mail address");
  }

  @ParameterizedTest
  @ValueSource(ints = {65, 1_000_000})
  void refusesLongLocalParts(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MailAddress.parse("a".repeat(length) + "@example.com"))
        .withMessageContaining("longer than");
  }
}
