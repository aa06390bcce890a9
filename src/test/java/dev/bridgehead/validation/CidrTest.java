package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "192.0.2.1, 192.0.2.1/32",
    "0.0.0.0/0, 0.0.0.0/0",
    "2001:db8::/32, 2001:db8:0:0:0:0:0:0/32",
    "::1, 0:0:0:0:0:0:0:1/128",
    "::ffff:10.0.0.0/104, 10.0.0.0/8",
    "::ffff:0:0/96, 0.0.0.0/0",
    "::ffff:192.0.2.1, 192.0.2.1/32",
  })
  void readsRanges(String text, String range) {
    assertThat(Cidr.parse(text)).hasToString(range);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "::ffff:10.0.0.0/104, 10.1.2.3, true",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::/0, 192.0.2.1, false",
    "0.0.0.0/0, 2001:db8::1, false",
    "192.0.2.1, 192.0.2.1, true",
  })
  void containsAddressesOfItsFamily(String range, String address, boolean contained) {
    InetAddress parsed = IpAddress.parse(address).orElseThrow();
    assertThat(Cidr.parse(range).contains(parsed)).isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.0/a",
        "10.0/8",
        "10/8",
        "10.0.0.0 /8",
        " 10.0.0.0/8",
        "::/129",
        "example.com",
        "[10.0.0.0]/8",
        "fe80::1%eth0/64",
        "10.0.0.0/255.0.0.0"
      })
  void refusesWhatIsNoRange(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse(text))
        .withMessageStartingWith("must be an IP address or a range in CIDR form");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.1.2.0/24, true",
    "10.1.2.0/24, 10.0.0.0/8, true",
    "10.0.0.0/8, 10.0.0.0/8, true",
    "10.0.0.0/9, 10.128.0.0/9, false",
    "::ffff:10.0.0.0/104, 10.1.2.3, true",
    "2001:db8::/32, 2001:db8:0:1::/64, true",
    "::/0, 192.0.2.1, false",
  })
  void overlapsWhatHasAnAddressInCommon(String one, String other, boolean overlap) {
    assertThat(Cidr.parse(one).overlaps(Cidr.parse(other))).isEqualTo(overlap);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "2001:db8:0:1:2:3:4:5, 2001:db8:0:1::/64",
        "192.0.2.1, none",
        "::ffff:192.0.2.1, none",
      })
  void anIpv6AddressHasANetwork(String address, @Nullable String network) {
    assertThat(Cidr.network64(IpAddress.parse(address).orElseThrow()))
        .isEqualTo(Optional.ofNullable(network).map(Cidr::parse));
  }

  @Test
  void refusesHostBitsAndNamesTheRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse("10.1.2.3/8"))
        .withMessage("must not have host bits behind the prefix; the range is 10.0.0.0/8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse("::ffff:10.0.0.0/8"))
        .withMessageContaining("host bits");
  }
}
