package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotedTest {
  @Test
  void keepsAMessageOnOneLineAndShowsWhatIsInvisible() {
    assertThat(Quoted.of("a\"b\\c\r\n\t\u0000\u001b"))
        .isEqualTo("\"a\\\"b\\\\c\\r\\n\\t\\x00\\x1b\"");
    assertThat(Quoted.of("a\u00a0b\u200bc\u202e")).isEqualTo("\"a\\u00a0b\\u200bc\\u202e\"");
    assertThat(Quoted.of("bücher 例え 🙂")).isEqualTo("\"bücher 例え 🙂\"");
    assertThat(Quoted.of("\ud800")).isEqualTo("\"\\ud800\"");
    assertThat(Quoted.of("\udb40\udc41")).isEqualTo("\"\\U000e0041\"");
  }

  @Test
  void cutsLongValues() {
    assertThat(Quoted.of("🙂".repeat(1_000_000))).isEqualTo("\"" + "🙂".repeat(128) + "…\"");
  }
}
