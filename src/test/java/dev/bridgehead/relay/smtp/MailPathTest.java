package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.MailAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailPathTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '~',
      value = {
        "<a@Example.COM> a example.com",
        "<First.Last@x.example> First.Last x.example",
        "<user%other.example@carried.example> user%other.example carried.example",
        "<host!user@carried.example> host!user carried.example",
        "<\"a@b\"@x.example> \"a@b\" x.example",
        "<\"a>b\"@x.example> \"a>b\" x.example",
        "<\"a\\\"b\"@x.example> \"a\\\"b\" x.example",
        "<a+tag=x/y@x.example> a+tag=x/y x.example",
        "<root@web-7d9f> root web-7d9f",
        "<a@[192.0.2.1]> a [192.0.2.1]",
        "<a@[IPV6:2001:DB8::1]> a [IPv6:2001:db8::1]",
        "<jörg@bücher.example> jörg xn--bcher-kva.example"
      })
  void readsAnAddress(String path, String local, String domain) {
    assertThat(MailPath.parse(path).address()).isEqualTo(new MailAddress(local, domain));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<a>",
        "<a@>",
        "<@x.example>",
        "<a@b@c.example>",
        "<a b@x.example>",
        "<.a@x.example>",
        "<a.@x.example>",
        "<a..b@x.example>",
        "<\"a@x.example>",
        "<\"a\"b@x.example>",
        "<@relay.example:a@x.example>",
        "<@a.example,@b.example:u@c.example>",
        "<a@x.example.>",
        "<a@-x.example>",
        "<a@x_y.example>",
        "<a@x..example>",
        "<a@192.0.2.1>",
        "<a@[192.0.2.256]>",
        "<a@[2001:db8::1]>",
        "<a@[IPv6:192.0.2.1]>",
        "<a@[192.0.2.1>",
        "<a@[192.0.2.1].x>",
        "<a:b@x.example>",
        "<a@x.example >",
        "<(c)a@x.example>",
        "<a@x.example(c)>",
        "<a\\b@x.example>",
        "<a<b@x.example>",
        "<a@1>",
        "<poſtmaster>"
      })
  void refusesWhatTheGrammarDoesNotHave(String path) {
    assertThatThrownBy(() -> MailPath.parse(path))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .isNotBlank()
        .matches("\\p{ASCII}*");
  }

  @Test
  void theNullPathAndPostmasterHaveNoAddress() {
    assertThat(MailPath.parse("<>")).isEqualTo(new MailPath(null, false, false));
    assertThat(MailPath.parse("<PostMaster>")).isEqualTo(new MailPath(null, true, false));
  }

  @Test
  void boundsTheLocalPartAndThePath() {
    String longest = "a".repeat(64);
    assertThat(MailPath.parse("<" + longest + "@x.example>").address()).isNotNull();
    assertThatThrownBy(() -> MailPath.parse("<" + longest + "a@x.example>"))
        .hasMessageContaining("64");
    assertThatThrownBy(() -> MailPath.parse("<" + "ü".repeat(33) + "@x.example>"))
        .hasMessageContaining("64");
    String domain = ("d".repeat(50) + ".").repeat(4) + "example";
    assertThat(MailPath.parse("<" + "a".repeat(42) + "@" + domain + ">").address()).isNotNull();
    assertThatThrownBy(() -> MailPath.parse("<" + "a".repeat(43) + "@" + domain + ">"))
        .hasMessageContaining("256");
  }

  @Test
  void saysWhatNeedsSmtpUtf8() {
    assertThat(MailPath.parse("<jörg@x.example>").nonAscii()).isTrue();
    assertThat(MailPath.parse("<a@bücher.example>").nonAscii()).isTrue();
    assertThat(MailPath.parse("<a@xn--bcher-kva.example>").nonAscii()).isFalse();
  }

  @Test
  void noUnicodeSeparatorOrControlGetsIntoALocalPart() {
    for (String odd : new String[] {"\u0085", "\u2028", "\u2029", "\u009B", "\uFEFF"}) {
      assertThatThrownBy(() -> MailPath.parse("<a" + odd + "b@x.example>"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> MailPath.parse("<\"a" + odd + "b\"@x.example>"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void findsTheEndOfAPathBehindQuotedBrackets() {
    String text = "<\"a>\\\"b\"@x.example> SIZE=1";
    assertThat(text.substring(MailPath.endOf(text, 0))).isEqualTo(" SIZE=1");
    assertThatThrownBy(() -> MailPath.endOf("a@x.example", 0)).hasMessageContaining("brackets");
    assertThatThrownBy(() -> MailPath.endOf("<a@x.example", 0)).hasMessageContaining("missing");
  }
}
