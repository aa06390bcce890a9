package dev.bridgehead.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "64Ki, 65536",
    "25Mi, 26214400",
    "1.5Gi, 1610612736",
    "1000, 1000",
    "1k, 1000",
    "1e3, 1000",
    "1E, 1000000000000000000",
    "1500m, 1",
    "-1, -1",
    "8Ei, 9223372036854775807",
    "1e200, 9223372036854775807",
    "1e999999999999, 9223372036854775807",
    "-1e999999999, -9223372036854775808",
    "1e-999999999, 0",
    "9999999999999999999999999999, 9223372036854775807",
  })
  void readsQuantitiesOfAnySize(String text, long octets) {
    assertThat(ByteSize.octets(new Quantity(text, ""))).contains(octets);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Mi", "1MiB", "1 Mi", "1,5Mi", "0x10", "٣Mi", "1e", "--1"})
  void refusesWhatIsNone(String text) {
    assertThat(ByteSize.octets(new Quantity(text, ""))).isEmpty();
  }

  @Test
  void refusesHugeTextsAndHoles() {
    assertThat(ByteSize.octets(new Quantity("9".repeat(1_000_000)))).isEmpty();
    assertThat(ByteSize.octets(new Quantity())).isEmpty();
  }
}
