package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StsPolicyTest {
  @ParameterizedTest
  @CsvSource({
    "mx.example.com, mx.example.com, true",
    "mx.example.com, MX.Example.COM., true",
    "mx.example.com, mx2.example.com, false",
    "mx.example.com, a.mx.example.com, false",
    "*.example.com, mx.example.com, true",
    "*.example.com, example.com, false",
    "*.example.com, a.mx.example.com, false",
    "*.example.com, .example.com, false",
    "*.example.com, mx.example.com.evil.test, false",
    "*.example.com, mxexample.com, false",
    "*.example.com, *.example.com, true",
  })
  void aHostMatchesByItsWholeName(String pattern, String host, boolean matches) {
    StsPolicy policy = policy(pattern);
    assertThat(policy.matches(host)).isEqualTo(matches);
  }

  private static StsPolicy policy(String... mx) {
    return new StsPolicy(StsPolicy.Mode.ENFORCE, List.of(mx), Duration.ofDays(1));
  }
}
