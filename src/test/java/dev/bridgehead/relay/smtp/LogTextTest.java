package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTextTest {
  @Test
  void nothingBeginsALineOrReordersOne() {
    assertThat(LogText.of("a\r\nINFO forged\u202E\\u{41}\u0000"))
        .isEqualTo("a\\u{d}\\u{a}INFO forged\\u{202e}\\u{5c}u{41}\\u{0}");
  }

  @Test
  void lettersOfAnyScriptStayReadable() {
    assertThat(LogText.of("jörg@例え.jp")).isEqualTo("jörg@例え.jp");
  }

  @Test
  void longTextIsCut() {
    assertThat(LogText.of("x".repeat(100_000))).hasSize(321).endsWith("…");
  }
}
