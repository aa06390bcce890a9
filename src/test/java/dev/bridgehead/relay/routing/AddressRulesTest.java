package dev.bridgehead.relay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Case 17: addresses that a stranger's DNS must not lead to. */
class AddressRulesTest {
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, unspecified",
    "0.255.255.255, unspecified",
    "127.0.0.1, loopback",
    "127.255.255.255, loopback",
    "169.254.169.254, link-local",
    "224.0.0.1, multicast",
    "239.255.255.255, multicast",
    "240.0.0.1, reserved",
    "255.255.255.255, broadcast",
    "::, unspecified",
    "::1, loopback",
    "fe80::1, link-local",
    "febf::1, link-local",
    "ff02::1, multicast",
    "100::1, discard",
    "2001:0:102:304::1, Teredo",
    "::ffff:127.0.0.1, loopback",
    "::ffff:169.254.169.254, link-local",
    "::127.0.0.1, loopback",
    "64:ff9b::127.0.0.1, loopback",
    "64:ff9b::169.254.169.254, link-local",
    "64:ff9b:1::224.0.0.1, multicast",
    "2002:7f00:1::1, loopback",
    "2002:a9fe:a9fe::1, link-local",
    "::ffff:0:127.0.0.1, loopback",
  })
  void case17NeverConnects(String address, String kind) {
    for (boolean privateAllowed : new boolean[] {false, true}) {
      assertThat(AddressRules.refusal(InetAddress.ofLiteral(address), privateAllowed))
          .hasValueSatisfying(why -> assertThat(why).contains(kind));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "198.18.0.1",
        "fc00::1",
        "fdff::1",
        "fec0::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::1",
      })
  void case17ConnectsAPrivateAddressOnlyWhereItIsAllowed(String address) {
    assertThat(AddressRules.refusal(InetAddress.ofLiteral(address), false))
        .hasValueSatisfying(why -> assertThat(why).contains("allowPrivateAddresses"));
    assertThat(AddressRules.refusal(InetAddress.ofLiteral(address), true)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.1",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "223.255.255.255",
        "2600::1",
        "2001:db8::1",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "fbff::1",
      })
  void connectsWhatIsPublic(String address) {
    assertThat(AddressRules.refusal(InetAddress.ofLiteral(address), false)).isEmpty();
  }
}
