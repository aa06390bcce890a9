package dev.bridgehead.relay.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectToTest {
  @ParameterizedTest
  @CsvSource({
    "mx.test:25:127.0.0.1:2525, mx.test, 25, 127.0.0.1, 2525",
    "MX.Test.:25:127.0.0.1:2525, mx.test, 25, 127.0.0.1, 2525",
    "mx.test::127.0.0.1:2525, mx.test, 587, 127.0.0.1, 2525",
    ":25:127.0.0.1:2525, other.test, 25, 127.0.0.1, 2525",
    "::127.0.0.1:, other.test, 25, 127.0.0.1, 25",
    ":::2525, other.test, 25, , 2525",
    "::[::1]:2525, other.test, 25, 0:0:0:0:0:0:0:1, 2525",
    "[2001:db8::1]:25:localhost:2525, [IPv6:2001:DB8:0::1], 25, localhost, 2525",
    "192.0.2.1::localhost:2525, [192.0.2.1], 25, localhost, 2525",
  })
  void replaces(String option, String host, int port, String targetHost, int targetPort) {
    assertThat(ConnectTo.parse(List.of(option)).target(host, port))
        .contains(new ConnectTo.Target(targetHost, targetPort));
  }

  @ParameterizedTest
  @CsvSource({
    "mx.test:25:127.0.0.1:2525, mx.test, 587",
    "mx.test:25:127.0.0.1:2525, a.mx.test, 25",
    "192.0.2.1:25:127.0.0.1:2525, 192.0.2.2, 25",
  })
  void leavesOthersAlone(String option, String host, int port) {
    assertThat(ConnectTo.parse(List.of(option)).target(host, port)).isEmpty();
  }

  @Test
  void goesByTheFirstRuleThatMatches() {
    ConnectTo rules = ConnectTo.parse(List.of("a.test::h1:1", "::h2:2", "b.test::h3:3"));

    assertThat(rules.target("a.test", 25)).contains(new ConnectTo.Target("h1", 1));
    assertThat(rules.target("b.test", 25)).contains(new ConnectTo.Target("h2", 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a:25",
        "a:25:b",
        "a:25:b:25:c",
        "a:x:b:25",
        "a:0:b:25",
        "a:25:b:65536",
        "::1:25:b:25"
      })
  void refusesWhatIsNoRule(String option) {
    assertThatThrownBy(() -> ConnectTo.parse(List.of(option)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--connect-to \"" + option + "\": ");
  }
}
