package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainNameTest {
  private static final String LABEL_63 = "a".repeat(63);

  @ParameterizedTest
  @CsvSource({
    "smtp.example.net, smtp.example.net",
    "SMTP.Example.NET, smtp.example.net",
    "smtp.example.net., smtp.example.net",
    "bücher.example, xn--bcher-kva.example",
    "BÜCHER.example, xn--bcher-kva.example",
    "XN--BCHER-KVA.example, xn--bcher-kva.example",
    "faß.example, xn--fa-hia.example",
    "例え.テスト, xn--r8jz45g.xn--zckzah",
    "例え。テスト, xn--r8jz45g.xn--zckzah",
    "ｓｍｔｐ．example.net, smtp.example.net",
    "r1---sn-abc.example, r1---sn-abc.example",
    "1.2.3.example, 1.2.3.example",
    "a.b, a.b",
  })
  void bringsEveryFormOfANameIntoOne(String text, String ascii) {
    assertThat(DomainName.parse(text).ascii()).isEqualTo(ascii);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "smtp",
        "smtp.",
        "Server Name",
        "foo..bar",
        ".example.com",
        "example.com..",
        "-a.example",
        "a-.example",
        "a.123",
        "127.1",
        "0x7f.0.0.1",
        "１２７.0.0.1",
        "a_b.example",
        "a@b.example",
        "smtp.example.net:25",
        "smtp/example.net",
        " smtp.example.net",
        "smtp.example.net ",
        "smtp.example.net\n",
        "smtp\tx.example.net",
        "smtp\u00a0.example.net",
        "smtp\u200b.example.net",
        "smtp\u00ad.example.net",
        "\u202esmtp.example.net",
        "smtp\u0000.example.net",
        "*.example.net",
        "xn--a.example",
        "xn--.example",
        "a\u0301\u0338\ud800.example",
      })
  void refusesWhatIsNoFullyQualifiedName(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainName.parse(text))
        .withMessageStartingWith(DomainName.ADVICE);
  }

  @Test
  void refusesLabelsAndNamesThatAreTooLong() {
    assertThat(DomainName.parse(LABEL_63 + ".example").ascii()).hasSize(71);
    String name253 =
        LABEL_63 + "." + LABEL_63 + "." + LABEL_63 + "." + "a".repeat(61); // 3 * 64 + 61
    assertThat(DomainName.parse(name253).ascii()).hasSize(253);
    assertThat(DomainName.parse(name253 + ".").ascii()).hasSize(253);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainName.parse("a".repeat(64) + ".example"))
        .withMessageContaining("longer than 63 octets");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainName.parse(name253 + "a"))
        .withMessageContaining("longer than 253 octets");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainName.parse("ü".repeat(62) + ".example"))
        .withMessageContaining("longer than 63 octets");
  }

  @Test
  void refusesHugeTextsAtOnce() {
    for (String huge :
        new String[] {"a.".repeat(500_000), "ü".repeat(1_000_000), " ".repeat(1 << 20)}) {
      Assertions.assertTimeoutPreemptively(
          Duration.ofSeconds(1),
          () -> assertThatIllegalArgumentException().isThrownBy(() -> DomainName.parse(huge)));
    }
  }

  @Test
  void givesACanonicalFormForAnyText() {
    assertThat(DomainName.canonical("Example.COM.")).isEqualTo("example.com");
    assertThat(DomainName.canonical("LOCALHOST")).isEqualTo("localhost");
    assertThat(DomainName.canonical("Bücher.example")).isEqualTo("xn--bcher-kva.example");
    assertThat(DomainName.canonical("[192.0.2.1]")).isEqualTo("[192.0.2.1]");
    assertThat(DomainName.canonical("")).isEmpty();
  }
}
