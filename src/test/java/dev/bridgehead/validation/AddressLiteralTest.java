package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressLiteralTest {
  @ParameterizedTest
  @CsvSource({
    "[192.0.2.25], 192.0.2.25",
    "[0.0.0.0], 0.0.0.0",
    "[2001:db8::25], 2001:db8:0:0:0:0:0:25",
    "[2001:DB8:0:0:0:0:0:25], 2001:db8:0:0:0:0:0:25",
    "[IPv6:2001:db8::25], 2001:db8:0:0:0:0:0:25",
    "[ipv6:2001:db8::25], 2001:db8:0:0:0:0:0:25",
    "[IPV6:::1], 0:0:0:0:0:0:0:1",
    "[::], 0:0:0:0:0:0:0:0",
    "[1::], 1:0:0:0:0:0:0:0",
    "[1:2:3:4:5:6:7::], 1:2:3:4:5:6:7:0",
    "[64:ff9b::192.0.2.1], 64:ff9b:0:0:0:0:c000:201",
    "[::ffff:127.0.0.1], 127.0.0.1",
    "[::FFFF:7f00:1], 127.0.0.1",
    "[IPv6:::ffff:192.0.2.1], 192.0.2.1",
  })
  void readsAddressesInBrackets(String text, String address) {
    assertThat(AddressLiteral.parse(text).getHostAddress()).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[ 192.0.2.1]",
        "[192.0.2.1 ]",
        "[127.1]",
        "[2130706433]",
        "[0x7f.0.0.1]",
        "[0177.0.0.1]",
        "[192.0.2.01]",
        "[192.0.2.256]",
        "[192.0.2]",
        "[192.0.2.1.1]",
        "[192.0.2.1/32]",
        "[١٢٧.0.0.1]",
        "[IPv6:192.0.2.1]",
        "[IPv4:192.0.2.1]",
        "[2001:db8:::25]",
        "[2001:db8::25::1]",
        "[1:2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4:5:6:7:8::]",
        "[1::2:3:4:5:6:7:8]",
        "[12345::]",
        "[g::1]",
        "[:1]",
        "[1:]",
        "[::1.2.3]",
        "[1.2.3.4::]",
        "[fe80::1%eth0]",
        "[fe80::1%25eth0]",
        "[smtp.example.net]",
        "[[192.0.2.1]]",
        "[192.0.2.1]:25",
        "[192.0.2.1].",
        "[192.0.2.1",
        "[",
      })
  void refusesEverythingElse(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> AddressLiteral.parse(text));
  }

  @Test
  void saysWhereThePortBelongs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressLiteral.parse("[192.0.2.1]:25"))
        .withMessageContaining("the port belongs into the field port");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressLiteral.parse("[192.0.2.1"))
        .withMessageContaining("the closing one is missing");
  }
}
